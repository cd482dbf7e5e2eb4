"""The bus inside one process: `inproc://`, a kombu transport with the guarantees that the services need of a broker.

inproc  the transport          broker  queues, exchanges, deliveries          routing  which queue takes a key
"""
