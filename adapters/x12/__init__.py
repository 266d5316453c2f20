"""ASC X12: bytes in, documents and findings out, and back.

elements      what an element of each type may hold
split         streams interchanges, groups and transactions out of a file
envelope      ISA and GS read and written; counts and control numbers
transaction   one ST-SE by its table
format        the `Format`: read, acknowledge, write
acknowledge   TA1 and 997 out of verdicts
acknowledged  a received 997 or TA1
"""
