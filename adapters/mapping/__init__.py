"""The table engine shared by all segment formats: one table reads and writes.

A format cuts its text into rows, one list of str per segment: the tag, then the elements, components joined by
`COMPONENT`, repetitions by `REPEAT` (so that nothing here depends on delimiters or release characters). From there on

    structure   the printed standard as a tree of nodes, compiled to a dictionary per node: tag -> next node
    segment     is this segment right? one look-up where it is, a list of faults where it is not
    walk        rows -> a tree of `Instance`, findings on the way
    place       `N1[ST]-04`, `PO1{UP}`, `^LIN{EN}`: where a value stands
    codecs      text <-> value
    part        one pydantic model <-> one loop
    frame       a Polars frame <-> the innermost loops
    message     one compiled, checked table: all of the above
    tables      finds the table for a message, overlays included
    report      faults -> findings with place, sentence and remedy
"""
