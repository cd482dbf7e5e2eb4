"""The sections about the bus, where no business is done: the call, the call through the gateway, two replicas."""

from __future__ import annotations

from contextlib import ExitStack

import orjson

from deploy.lab.bench import operations, places
from deploy.lab.bench.rounds import Figures, Generator, Place, in_turns, measure, merged, ratio, warm_up
from deploy.lab.bench.run import Bench

SERVICE = "service"


def rpc(bench: Bench) -> None:
    ground, options = bench.ground, bench.options
    broker = {"rabbitmq": ground.servers["rabbitmq"]}
    with places.echo(ground) as ours, places.stock(ground, "echo") as (_, theirs), places.bare_echo(ground) as bare:
        for clients in (20,) if options.quick else (1, 20):
            with ExitStack() as stack:
                sides = {
                    name: (stack.enter_context(Generator(bench.job(operation, clients, amqp_uri=uri))), Place(tiers))
                    for name, operation, uri, tiers in (
                        ("ours", "rpc_ours", ground.echo_uri, {**ours, **broker}),
                        ("stock nameko", "rpc_stock", ground.amqp_uri, {**theirs, **broker}),
                        ("bare py-amqp", "amqp_bare", ground.amqp_uri, {**bare, **broker}),
                    )
                }
                taken = in_turns(sides, options.seconds / 2, options.turns, settle=False)
            bench.tell("rpc", "call", clients, taken)
            for side, aim in (("stock nameko", 4.5), ("bare py-amqp", 1.0)):
                name = f"RPC alone, {clients} in flight: × {side}"
                bench.versus(name, taken["ours"], taken[side], aim if clients > 1 else None)


def gateway(bench: Bench) -> None:
    ground, options, clients = bench.ground, bench.options, 20
    broker = {"rabbitmq": ground.servers["rabbitmq"]}
    wish = orjson.dumps(operations.WISH).decode()
    with (
        places.echo(ground) as service, places.gateway(ground) as (url, front),
        places.stock(ground, "echo", "gateway") as (stock_url, theirs),
    ):  # fmt: skip
        ours_place, their_place = Place({**front, **service, **broker}), Place({**theirs, **broker})
        for name, method, ours, stock, body in (
            ("GET, 1 RPC", "GET", "/v1/products/MUG-CLAY-350", "/products/MUG-CLAY-350", ""),
            ("POST, 1 RPC", "POST", "/v1/orders", "/echo", wish),
        ):
            request = {"method": method, "body": body}
            with (
                Generator(bench.job("request", clients, url=url, path=ours, **request)) as load,
                Generator(bench.job("request", clients, url=stock_url, path=stock, **request)) as stock_load,
            ):
                sides = {"ours": (load, ours_place), "stock nameko": (stock_load, their_place)}
                taken = in_turns(sides, options.seconds / 2, options.turns, settle=False)
            bench.tell("gateway", name, clients, taken)
            title = f"{name} through the gateway, {clients} clients: × stock nameko"
            bench.versus(title, taken["ours"], taken["stock nameko"], 3.5)


def replicas(bench: Bench) -> None:
    broker = {"rabbitmq": bench.ground.servers["rabbitmq"]}
    taken: dict[int, list[Figures]] = {1: [], 2: []}
    for _ in range(max(bench.options.turns - 1, 1)):
        for number, rounds in taken.items():
            job = bench.job("rpc_burn", 20, amqp_uri=bench.ground.echo_uri)
            with places.echo(bench.ground, number) as tiers, Generator(job) as load:
                warm_up(load, Place(tiers))
                rounds.append(measure(load, Place({**tiers, **broker}), bench.options.seconds / 2, settle=False))
    bench.tell("replicas", "burn CPU", 20, {f"{number} replica": rounds for number, rounds in taken.items()})
    note = f"by CPU {_relief(merged(taken[1]), merged(taken[2])):.2f}"
    name = "2 replicas of a CPU-bound service: × 1 replica"
    bench.report.compare(name, ratio(taken[2], taken[1]), at_least=1.6, note=note)


def _relief(one: Figures, two: Figures) -> float:
    """Return how many times as many calls two replicas handle as one, by the busier one's CPU.

    Each has a core of its own: 2 if the work is shared evenly and costs no more than before.
    """
    (alone,) = (spent for name, spent in one.cpu_per_1000().items() if name.startswith(SERVICE))
    return alone / max(spent for name, spent in two.cpu_per_1000().items() if name.startswith(SERVICE))
