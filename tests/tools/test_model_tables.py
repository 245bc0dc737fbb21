"""What files may hold, as tables."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from apimachinery.types.pod import NodeAffinity
from tools.model_tables import model_sections, models


class Leaf(BaseModel):
    """A leaf."""

    size: float = 0.5
    """How large."""


class Tree(BaseModel):
    """A ``tree``."""

    name: str
    """Its name."""
    leaves: list[Leaf] = Field(default_factory=list, alias="leafList")
    """Its leaves."""
    best: Leaf | None = None
    """The best."""
    age: Annotated[int, Field(ge=1, le=99)] = 7
    """In years."""
    kind: Literal["oak", "fir"] = "oak"
    """Which."""
    labels: dict[str, bool] = Field(default_factory=lambda: {"a": True})
    """What it says."""
    affinity: NodeAffinity | None = None
    """Where it grows."""


def test_a_model_and_those_in_it_have_a_table_each() -> None:
    assert models(Tree, Leaf) == [Tree, Leaf]
    assert (
        model_sections(Tree)
        == """\
### Tree

A `tree`.

| field | type | default | what it does |
|---|---|---|---|
| `name` | text | *required* | Its name. |
| `leafList` | list of [Leaf](#leaf) |  | Its leaves. |
| `best` | [Leaf](#leaf) |  | The best. |
| `age` | number, 1 … 99 | `7` | In years. |
| `kind` | `oak` or `fir` | `oak` | Which. |
| `labels` | map from text to true or false | `{"a": true}` | What it says. |
| `affinity` | NodeAffinity, as in a pod |  | Where it grows. |

### Leaf

A leaf.

| field | type | default | what it does |
|---|---|---|---|
| `size` | number | `0.5` | How large. |"""
    )
