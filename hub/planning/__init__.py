"""What the hub believes about the future, computed: pure functions over NumPy matrices and Polars frames.

One row is one item at one location, one column one week of the agreement's calendar; NaN means "nobody said". Nothing
in here opens a connection, reads a clock or starts a process, so every number can be recomputed from its inputs alone.

    calendar, units, history      what partners sent -> weeks, base units, matrices
    models/, forecast             history -> baseline, each model a file, chosen where it proved itself
    promotions                    the known event calendar on top of the baseline
    exceptions, consensus         two views compared, ranked and settled by the agreement's rule
    policies/, replenish          settled demand -> projected stock and planned orders
    gather, cycle_math            all that is known -> one shard -> the whole cycle, for a process pool or a cluster
"""
