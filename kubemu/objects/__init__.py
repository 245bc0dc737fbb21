"""What a person does with objects who has no kubectl: apply, get, logs."""
