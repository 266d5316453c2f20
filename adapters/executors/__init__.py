"""Where shards are computed: `inline` in this process, `processes` in a local pool. Both implement
`hub.ports.Executor`."""
