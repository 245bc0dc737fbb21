import pytest

from kubeclient.client import Client
from scheduler.framework.interface import EnabledPlugin, Handle, Profile
from scheduler.framework.runtime import Framework
from scheduler.plugins.registry import in_tree_registry
from scheduler.profile import default_profile

HANDLE = Handle(Client("http://127.0.0.1:1"))


def test_every_plugin_has_the_name_it_is_registered_under() -> None:
    for name, factory in in_tree_registry().items():
        assert factory(None, HANDLE).name == name


def test_the_default_profile_uses_every_plugin_once() -> None:
    names = [enabled.name for enabled in default_profile().plugins]
    assert sorted(names) == sorted(in_tree_registry())


@pytest.mark.parametrize(
    ("plugins", "problem"),
    [
        pytest.param(("PrioritySort", "DefaultBinder", "Magic"), "unknown plugin 'Magic'", id="unknown"),
        pytest.param(("DefaultBinder",), "exactly one QueueSort plugin, not 0", id="no order"),
        pytest.param(("PrioritySort",), "no Bind plugin", id="no binder"),
    ],
)
def test_a_profile_that_cannot_work_is_refused(plugins: tuple[str, ...], problem: str) -> None:
    profile = Profile("mine", tuple(EnabledPlugin(name) for name in plugins))
    with pytest.raises(ValueError, match=problem):
        Framework(profile, in_tree_registry(), HANDLE)
