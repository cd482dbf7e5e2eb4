"""What a browser is told while it happens: `follower` receives the events, `streams` and `desk` pass them on.

`sharing` tells the other gateways which limited requests this one has let through, `viewing` who has which ticket open
(`telling`). They and `follower` read a queue of this gateway's own (`own_queue`).
"""
