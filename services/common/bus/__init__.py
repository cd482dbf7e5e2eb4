"""Requests and events between processes; knows nothing of any business.

connections  one way to connect           wire       one publishing connection while it lasts
sender       publish over reconnects      publisher  the journal's publisher, with confirms
consumer     receive over reconnects      relay      from the outbox to the bus
rpc          answer requests              rpc_client ask, with a deadline
rpc_body     what a request carries       service_client  ask a service from the gateway
travel       typed requests out, typed events in
embedded/    the bus in one process       fast/      what exists for speed alone
"""
