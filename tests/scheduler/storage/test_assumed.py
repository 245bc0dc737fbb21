"""Objects with what the scheduler is about to write laid over them."""

from scheduler.storage.assumed import AssumedObjects
from tests.controller_manager.builders import claim, volume
from tests.scheduler.storage.world import Storage

CLASS = "scheduler class"


def changed(storage: Storage) -> AssumedObjects:  # type: ignore[type-arg]
    shown = storage.view.volumes.get("pv")
    assert shown is not None
    storage.view.volumes.assume(shown.model_copy(update={"spec": volume(claim="data").spec}))
    return storage.view.volumes


def is_given(volumes: AssumedObjects) -> bool:  # type: ignore[type-arg]
    found = volumes.get("pv")
    assert found is not None
    return found.spec.claim_ref is not None


def test_an_assumed_object_stands_in_for_the_one_that_is_shown() -> None:
    volumes = changed(Storage(volume()))
    assert is_given(volumes)
    assert volumes.by_index(CLASS, "standard")[0].spec.claim_ref is not None
    shown = volumes.shown("pv")
    assert shown is not None
    assert shown.spec.claim_ref is None


def test_what_is_restored_is_as_the_server_shows_it() -> None:
    volumes = changed(Storage(volume()))
    volumes.restore("pv")
    volumes.restore("pv")
    assert not is_given(volumes)


def test_what_the_server_shows_later_goes_before_what_was_assumed() -> None:
    storage = Storage(volume())
    volumes = changed(storage)
    storage.show(claim())
    assert is_given(volumes)
    storage.show(volume(labels={"zone": "a"}))
    assert not is_given(volumes)
    assert not len(volumes)


def test_what_is_gone_is_assumed_no_longer() -> None:
    storage = Storage(volume())
    volumes = changed(storage)
    storage.hide(volume())
    assert volumes.get("pv") is None


def test_a_change_of_an_older_version_is_not_taken() -> None:
    storage = Storage(volume())
    old = storage.view.volumes.get("pv")
    assert old is not None
    stale = old.model_copy(deep=True)
    storage.show(volume())
    storage.view.volumes.assume(stale.model_copy(update={"spec": volume(claim="data").spec}))
    assert not is_given(storage.view.volumes)
