"""Tables as text."""

from kubemu.objects import tables

TABLE = {
    "columnDefinitions": [
        {"name": "Name", "priority": 0},
        {"name": "Ready", "priority": 0},
        {"name": "Node", "priority": 1},
    ],
    "rows": [
        {"cells": ["web", True, "node-0"], "object": {"metadata": {"name": "web", "namespace": "shop"}}},
        {"cells": ["a-long-name", None, 7], "object": {"metadata": {"name": "a-long-name"}}},
    ],
}


def test_what_matters_always() -> None:
    assert tables.text(tables.rows_of(TABLE, wide=False, namespaces=False)).splitlines() == [
        "NAME          READY",
        "web           true",
        "a-long-name",
    ]


def test_everything_of_all_namespaces() -> None:
    assert tables.rows_of(TABLE, wide=True, namespaces=True) == [
        ["NAMESPACE", "NAME", "READY", "NODE"],
        ["shop", "web", "true", "node-0"],
        ["", "a-long-name", "", "7"],
    ]
