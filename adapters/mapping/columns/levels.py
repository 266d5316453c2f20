"""Loops that say of those below them what is not so: `adapters.mapping.children` of all of them at once."""

from __future__ import annotations

import numpy as np

from adapters.mapping.children import NONE, SOME, Children
from adapters.mapping.columns.block import Array
from adapters.mapping.columns.table import KEY_WIDTH, Table


def contradicting(children: Children, tables: dict[int, Table]) -> Array:
    """The messages, by number, in which some loop says so, or has a number that is too long to look at."""
    table = tables.get(children.node.id)
    if table is None or table.width < children.says.element:
        return np.zeros(0, dtype=np.int64)
    at = (children.id.element, children.parent.element)
    long = (table.span(at[0])[1] > KEY_WIDTH) | (table.span(at[1])[1] > KEY_WIDTH)
    keys, number = np.unique(np.concatenate([table.keys(one) for one in at]), return_inverse=True)
    own, parent = (table.owner * len(keys) + one for one in (number[: table.rows], number[table.rows :]))
    has = np.isin(own, parent[table.span(at[1])[1] > 0])
    says = (children.says.element, 0)
    wrong = (has & table.carrying(says, NONE)) | (~has & table.carrying(says, SOME))
    return table.owner[wrong | long]
