"""The fault harness: real load, faults on a seeded schedule, and a checker of everything that was promised.

    python -m deploy.lab.chaos [--seconds 480] [--quick] [--seed N]   the whole run; exit code 1 on any broken promise
    python -m deploy.lab.chaos check --record FILE                    the checker alone (PLEDGE_<SERVICE>_DATABASE_URL)

stage      private RabbitMQ and PostgreSQL, two replicas of each service, one gateway, a proxy on each of their links
stories    what clients do, over HTTP: order, pay, return, ask, cancel, answer; each answer they get is written down
           (customer: their steps; client: asking until there is an answer; record: what was answered)
bank       the bank's own books, kept outside of the platform
faults     kill, freeze, terminate, cut, delay, half-open, block, flood, deliver again, reorder: when, by the seed
promises   the list of what must hold afterwards, one function each, over the databases and the clients' record
steps      orders killed between every two steps of a capture, a refund and a dispute (`make chaos-money`)
sabotage   the platform without one of its safeguards, to see that the checker notices
"""
