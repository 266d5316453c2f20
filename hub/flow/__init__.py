"""What happens, in order. The only callers of ports.

`inbound` (a file arrives), `outbound` (a file leaves), `cycle` (a planning cycle) are the three journeys; `identify`,
`check`, `post` and `acknowledge` are their steps.
"""
