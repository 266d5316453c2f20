"""What the hub believes and decides.

The rooms, from the ground up: `model` (canonical values), `ports` (the outside world on one page), `planning`,
`fulfilment` and `performance` (pure), `flow` (what happens, in order), `store` (PostgreSQL), the doors `rpc` and
`jobs`, `app` (the one module that sees everything) and `cli` (the terminal); `client` is for partner systems.
"""
