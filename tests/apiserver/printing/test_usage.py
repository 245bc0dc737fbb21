"""How usage is printed."""

from datetime import UTC, datetime
from typing import Any

import pytest

from apiserver.printing.usage import usage_printers

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def usage(cpu: str, memory: str) -> dict[str, Any]:
    return {"usage": {"cpu": cpu, "memory": memory}}


@pytest.mark.parametrize(
    ("kind", "fields", "cells"),
    [
        pytest.param("NodeMetrics", usage("250m", "1Gi"), ["x", "250m", "1Gi", "10s"], id="a node"),
        pytest.param(
            "PodMetrics",
            {"containers": [usage("250m", "64Mi"), usage("1500000n", "16Mi")]},
            ["x", "251500u", "80Mi", "10s"],
            id="a pod: the sum of its containers",
        ),
        pytest.param("PodMetrics", {"containers": []}, ["x", "0", "0", "10s"], id="nothing"),
    ],
)
def test_cells(kind: str, fields: dict[str, Any], cells: list[str]) -> None:
    printer = usage_printers()["metrics.k8s.io", kind]
    assert printer.cells({"metadata": {"name": "x"}, "window": "10s", **fields}, NOW) == cells
