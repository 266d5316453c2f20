"""The table engine shared by all segment formats: one table reads and writes.

A format cuts its text into rows, one list of str per segment: the tag, then the elements, components joined by
`COMPONENT`, repetitions by `REPEAT` (so that nothing here depends on delimiters or release characters). From there on

    structure   the printed standard as a tree of nodes, compiled to a dictionary per node: tag -> next node
    segment     is this segment right? one look-up where it is, a list of faults where it is not
    walk        rows -> a tree of `Instance`, findings on the way
    place       `N1[ST]-04`, `PO1{UP}`, `^LIN{EN}`: where a value stands
    codecs      text <-> value
    part        one pydantic model <-> one loop
    parts       which components of composites a table reads; `filled` finds the others that say something
    reading     what the rows of one part read, where several parts share a loop
    shape       what rows cannot say: a read/write pair in a format's folder, by name
    tree        loops that point at each other (HL) <-> the tree that they mean
    frame       a Polars frame <-> the innermost loops
    again       what a loop for "*" writes that a row has written before
    children    what loops say of those below them, held against what is there
    fixed       what a table itself says: fixed values and counts
    message     one compiled, checked table: all of the above
    tables      finds the table for a message, overlays included
    overlay     what a partner may lay over a standard table: narrower, re-placed, more codes
    columns     many messages at once, by columns: the quick way to read
    templates   many documents of one shape: the quick way to write
    telling     what is told of one value of a part
    report      faults -> findings with place, sentence and remedy
    guide       a table and its facts as plain values, for mapping guides
    source      bytes, a path or an open file, alike
    library     read, check, acknowledge, write: the face towards programs
    wording     what the facts demand, in words: for remedies and mapping guides

What a row of a table may say, beside `field = "place or place | codec"` and `field = "loop or loop -> part"`:

    | code unit else each        the word that the standard means where nothing is sent
    ACK-03 with ACK-02           written wherever that other place is filled, so that both stand side by side
    IMD[F]-3.4+                  a long text runs on into the components of the same kind that follow
    REF[*] -> reference          segments whose qualifier no other row of the table names
    PO1{*} | open item_code      pairs that no other row names, as kinds and codes
    | open reference             a word of the code list; a code without a word stays as it was sent
    REF[*] -> a and N9 -> b      both loops, one after the other; written into the first that has a place for everything
    BGM-1.3 | unimplied          nothing where the text only repeats what is read beside it (implied.toml)
    PAT& -> terms                a value may take two segments, which are read as one: the model knows how
    N9/MSG-01*                   the texts of all such segments, as lines of one text
    ^^NAD[DP]-2.1                in a frame: the loop's own segment, which must carry (and is given) that qualifier
    TAX#2/MOA[124]-1.2           the second TAX of its level, where one name stands at several places
    UNS[D]  M 1                  in the structure: two segments of one name, told apart by what stands in them
    rows = "LIN/FST or LIN/SDP/FST"     ways on which rows come in; the first is written
    [frame.run]                  pairs in a segment below the row (SDQ) that each make a row in its place; only read
    [frame.constant]             columns that the message always means and has no place for; only read
    [fixed] "PIA-1" = ["1", "5"]        the first is written, the others are as good on reading
    [fixed] "BSN-04" = ["0000", "*"]    whatever else is sent is as good
    [fixed] "SAC-06 with SAC-07" = ["Z", "*"]       only where the other is filled; alone it is told
    [fixed] "BFR-06" = "=LIN/FST-04"    only written, from the first such place, when no row fills it
    [fixed] "LIN-1" = "#"        numbered from 1; any number is right on reading
    [constant]                   the same for the header, and demanded on writing
"""
