"""The page of settings is made of the code that heeds them."""

import inspect

import pytest

from kubemu import environment
from kubemu.testing import Cluster
from tools import settings_page as tool


def test_the_page_is_current() -> None:
    assert tool.PAGE.read_text(encoding="utf-8") == tool.page(), "run `make settings-page`"


@pytest.mark.parametrize(
    "row",
    [
        *(f"| `{name}` |" for name in environment.READ | environment.FOR_HOOKS),
        "| `kubemu_nodes` | string | `1` | How many nodes the cluster has at least. |",
        "| `@pytest.mark.kubemu_nodes(number)` |",
        "| `kubemu_cluster` | session | `Cluster` |",
        "| `kubeconfig` | function | `Path` |",
        "| `kubemu_options` | session | `Mapping[str, Any]` |",
        "    seed: int | None = None,",
        "| `namespace(prefix: str = 'test')` |",
        "| `ephemeralStorage` | text |",
        "| `count` | number, 1 … 10000 | `1` |",
        "| `podMaxBackoffSeconds` | number | `10` |",
        "| `hardPodAffinityWeight` | number | `1` |",
        "| `failProbes` | list of text |",
        "| `kubemu.scheduler_plugins` |",
        "| `nodes` | `1` | How many nodes it has |",
    ],
)
def test_each_kind_of_setting_is_on_it(row: str) -> None:
    assert row in tool.page()


def test_each_argument_of_a_cluster_is_told_of() -> None:
    arguments = [name for name in inspect.signature(Cluster).parameters]
    assert [name for name in arguments if f"``{name}``" not in (Cluster.__doc__ or "")] == []
