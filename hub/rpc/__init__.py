"""The gRPC door: partners read here what their agreements let them see, and hand in files.

`server.serve` opens two listeners: one knows its callers by client certificate, the other by bearer token. `door`
stands in front of every call (who asks, how many at once, how long, what an error looks like), one thin servicer per
service answers it, `convert` turns canonical values into protobuf. What a partner may see is decided in the database
alone.

    schemas/proto/cpfr/hub/v1/*.proto  ->  python -m hub.rpc.generate  ->  hub/rpc/pb/v1
"""

import os

os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")  # planning processes are spawned; gRPC must not look at forks
