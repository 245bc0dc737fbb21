"""The contract suite lives beside the protocol; its assertions are to read as those of the tests do."""

import pytest

pytest.register_assert_rewrite("store.testing")
