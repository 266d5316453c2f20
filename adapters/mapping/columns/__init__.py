"""The quick way: many messages of one kind at once, checked and read by columns instead of segment by segment.

    block     bytes of whole messages as arrays of offsets, no text cut yet
    table     all segments of one node of the structure: spans, keys, numbers, texts of an element for every row
    order     which node each segment belongs to, which messages are out of order, have too much or too little
    check     lengths, types, codes and syntax notes of one table
    find      where a place of the message table leads: rows and whose they are
    part      the loops of a table -> pydantic models, by columns
    trusted   models from values that are known to be right
    frame     innermost loops -> one Polars frame for the block, a slice of it for each message
    said      which rows say something in components that no row of the message table reads
    rests     which segments a loop for "*" reads
    levels    loops that say of those below them what is not so
    notes     what was filled and has no use (the one finding that the quick way tells)
    engine    all of it for one message table
    run       what headers and trailers of many messages say, and some of them read
    seam      where a message that is too long may be cut
    pieces    such a message, read piece by piece

It never explains. Whatever is not plainly right makes its message *odd*, and odd messages are read by `walk`, `part`
and `frame` of the floor above, segment by segment: they alone say what is wrong. So a message is read here only if they
would have found nothing in it but content without a use.
"""
