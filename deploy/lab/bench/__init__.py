"""The load harness: what the platform costs, in one run beside what a user would pick instead.

    python -m deploy.lab.bench [--quick] [--only rpc,place] [--forms embedded,distributed] [--clients 1,20,100]
                           [--growth 10000,100000] [--out var/bench]                                # `make bench`

All of it takes some twenty minutes and 5 GB; a million orders (`--growth 1000000`) half an hour and 60 GB more.

Everything runs on private servers of the loopback interface that are stopped by their ids. A closed loop of N clients
(load.py, a process of its own, whose CPU is told apart) does one operation after the other:

sections.py    what is measured: operations, place, counts, latency, cold, growth; bus.py: rpc, gateway, replicas
rounds.py      one round: start together, time each operation, read all meters before and after, until all is quiet
shop.py        the operations as a customer, the bank, a carrier and the staff do them, over HTTP
peers/         the same beside Vendure, which npm installs: run by itself, `make bench-peers`
stock.py       the same in plain nameko, with nameko's own example shop; floor.py: the bare broker and the bare database
statements.py  which statements and commits one operation costs, read from the database's own log
copies.py      orders that are already there, for growth; reads.py: how many rows the databases read then
speed.py       what each piece of the speed room gains: run by itself, `python -m deploy.lab.bench.speed`
meters.py      CPU seconds and memory of each process with its children; postgres.py: commits, WAL, fsyncs

The machine is shared: a rate says little alone. So ours and theirs take turns and the median of the ratios is told,
with CPU seconds and counts, which depend less on the neighbours. Nothing here asserts a time; the exit code tells of
failed requests only. Linux only, because the meters read /proc.
"""
