"""Where shards are computed: `inline` in this process, `processes` in a local pool, `ray_cluster` on a Ray cluster. All
implement `hub.ports.Executor`."""
