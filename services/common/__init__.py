"""The kit: what at least two services need and what names no business noun of one.

Pure (standard library only, no clock, no environment): `errors`, `money`, `events`, `caller`, `calendar`,
`commitments`, `clock`, `ids`. On the database: `database`, `tables`, `journal`, `restored`, `inbox`, `idempotency`.
On the bus: `rpc`, `messaging`, `relay`, `timers`, `inproc`. Around them: `config`, `runner`, `telemetry`.
"""
