"""Named shapes: what no row of a table can say (trees of handling units), a pair of read and write per format.

A table asks for one by `shape = "name"`; the dialect knows it by that name. The rows of `[map]` say everything else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from adapters.mapping.maker import PartMaker
from adapters.mapping.part import Part
from adapters.mapping.report import Report
from adapters.mapping.structure import Node
from adapters.mapping.walk import Instance


class Shape(Protocol):
    """Stands in for the rows of a tree."""

    @property
    def parts(self) -> dict[str, Part]:
        """The compiled `[part.x]` tables that the shape puts together, by name."""
        ...

    def read(self, document: Any, root: Instance, report: Report) -> Any:
        """The document that the rows gave, completed; None when it was None or a part of the tree is unreadable."""
        ...

    def bare(self, document: Any) -> Any:
        """What the ordinary rows of the table write."""
        ...

    def write(self, document: Any, root: Instance) -> None:
        """Write the rest, after the rows. Raises Reject for what the shape cannot say."""
        ...


ShapeMaker = Callable[[PartMaker, Node], Shape]
"""Made once per table, from the parts of the table and the message's node. Raises BrokenTable."""
