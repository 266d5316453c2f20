"""AS2: files as signed, encrypted and compressed MIME over HTTP, answered by a receipt (MDN) that its sender can show.

Everything of the wire is here; nothing but `server` and `push` knows the hub. The cryptographic message syntax
(RFC 5652) is read and written by `asn1crypto`, all arithmetic is `cryptography`'s.

    mime         entities as exact bytes           fault      what can be wrong, and how the sender is told
    keys         certificates and private keys     signature, envelope, compression   the three layers
    package      layers upon layers, both ways     receipt    MDN, both ways          headers    AS2's own header fields
"""
