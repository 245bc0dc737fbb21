from apimachinery.types.batch import Job
from controller_manager.written import Written


def version(number: int, uid: str = "u") -> Job:
    meta = {"name": "pi", "namespace": "default", "uid": uid, "resourceVersion": str(number)}
    return Job.model_validate({"metadata": meta})


def test_an_older_version_is_behind() -> None:
    written = Written()
    assert not written.is_ahead_of(version(9))
    written.note(version(10))
    assert written.is_ahead_of(version(9))
    assert not written.is_ahead_of(version(10))
    assert not written.is_ahead_of(version(11))
    assert not written.is_ahead_of(version(9, "another"))
    written.forget("default/pi")
    assert not written.is_ahead_of(version(9))
