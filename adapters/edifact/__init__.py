"""UN/EDIFACT (ISO 9735, syntax versions 1 to 4 batch): bytes in, documents and findings out, and back.

elements      what an element of each type may hold
split         streams interchanges, groups and messages out of a file; release characters and charsets
envelope      UNB, UNG and UNH read and written
transaction   one UNH-UNT by its table
reader        follows a file part by part
format        the `Format`: read, acknowledge, write
acknowledge   CONTRL (syntax versions 3 and 4) out of verdicts
packing       the tree of handling units that CPS loops mean
acknowledged  a received CONTRL
"""
