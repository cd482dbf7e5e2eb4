"""Orders killed between every two steps of a capture, a refund and a dispute; then every cent is looked for.

    python -m deploy.lab.chaos.steps [--lives capture,refund] [--keep]      `make chaos-money`; exit code 1 on any loss

crossings  orders as a process that writes down each boundary it crosses, and kills itself at the one it is told
stripe     Stripe with real webhooks: told again until they are taken; it knows what it took, gave back and withdrew
lives      what happens to an order's money: captured, refunded, disputed and won, disputed and lost
traces     what a life leaves behind: cents on both sides, events, mails, clocks
kills      one life with a kill in it, and what is not as it is without

Each life is first lived undisturbed. The boundaries that it crosses are the list of kills: none is written by hand.
"""
