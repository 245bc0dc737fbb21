"""Where Services lead: EndpointSlices and Endpoints, kept in step with the pods behind them."""
