"""What a shop would pick instead, measured beside us: Vendure, installed from npm in a folder of its own.

    python -m deploy.lab.bench.peers [--clients 4,20] [--seconds 5] [--turns 3] [--folder var/peers]  # make bench-peers

npm.py      installs the pinned version, once; what npm says goes to npm.log beside it
shop.js     Vendure as its documentation begins a shop; vendure.py starts it on a PostgreSQL of its own
client.py   the same story over its API: place and pay, read

Both take turns on the same machine; what counts is the CPU seconds of all tiers. Each order is a new guest's. Vendure's
has one product where ours has two, it sends no mail, and its payment asks no bank: it is rather too fast than too
slow.
Where npm or its registry is not to be had, one line says so, and the exit code is 69 (EX_UNAVAILABLE).
"""
