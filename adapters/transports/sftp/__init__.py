"""SFTP: partners who log in with a key, and partners who host a server of their own.

    server      the listener: who may log in, how many at once, how long they may idle
    session     what one partner sees, /in /out /archive, and what each request does
    places      which path means what
    arriving    a file between its first byte and its transaction
    ending      whether the writer closed a file, or the line only broke
    keys        the hub's own keys
    push, pull  the other way: files to and from a partner's server
    house       what the door needs from the hub
"""
