"""``events.k8s.io``: the same events as the core group's, under newer field names (``pkg/registry/events``, v1.36)."""

from apiserver.registry.builtin.row import Row
from apiserver.registry.events import EventConversion, EventsV1Strategy


def rows() -> tuple[Row, ...]:
    return (
        Row(
            kind="Event",
            plural="events",
            strategy=EventsV1Strategy(),
            short_names=("ev",),
            stored_as="v1",
            conversion=EventConversion(),
        ),
    )
