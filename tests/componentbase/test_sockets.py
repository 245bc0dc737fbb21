"""Ports that can and cannot be had."""

import pytest

from apimachinery.errors import FatalError
from componentbase.sockets import address, bind


def test_a_free_port() -> None:
    listener = bind("127.0.0.1", 0)
    host, port = address(listener)
    listener.close()
    assert host == "127.0.0.1"
    assert port > 0


def test_a_taken_port_names_the_option() -> None:
    listener = bind("127.0.0.1", 0)
    _, port = address(listener)
    with pytest.raises(
        FatalError, match=rf"^port {port} on 127\.0\.0\.1 is taken: choose another with --healthz-port$"
    ):
        bind("127.0.0.1", port, option="--healthz-port")
    listener.close()


def test_an_address_of_another_machine() -> None:
    with pytest.raises(FatalError, match=r"cannot listen on 192\.0\.2\.1:0"):
        bind("192.0.2.1", 0)
