"""`hub demo`: the main job on four example partners, on real files over real doors, with a real worker.

    desk       one partner's EDI desk: writes its dialect, pushes files, reads its mailbox, acknowledges
    stage      the hub as it runs in production, with fresh data: doors, worker, mailboxes
    checks     what must be true in PostgreSQL and in the mailboxes afterwards
    command    the command, its progress, and what it shows
"""
