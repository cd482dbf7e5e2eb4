"""The kit: what at least two services need, and what names no business noun of one.

basics       errors, money, numbers, events, callers, declarations: pure, imports no other room
addresses    what a country's post wants of an address: pure
calendar     working days, business hours, the days and zones of places: pure
commitments  a promise on its clock: pure
language     texts in the language of who reads them
store        one transaction and what belongs to it
bus          requests and events between processes
edge         what crosses a boundary: validation, tokens, signatures
runtime      a service as a process: entrypoints, followers, timers, settings, telemetry
tracing      spans for OpenTelemetry, where they are wanted; else nothing of it is imported
testing      what tests stand on

An arrow goes down: edge, runtime → bus, store, language → commitments, calendar → addresses, basics; all may use
`tracing`.
"""
