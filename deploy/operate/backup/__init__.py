"""Backups of each service's own database, and the way back from one that leaves the services in agreement.

    python -m deploy.operate.backup take [--to FOLDER]                              one file per service, and a manifest
    python -m deploy.operate.backup restore --from FOLDER [--service logistics]     one service, or all
    python -m deploy.operate.backup replay --since TIME [--service logistics]       the last step of a restore, again
    python -m deploy.operate.backup lost                                  what people have to do again; 1 if any

A restore loads a backup beside the database that is there, checks it, and swaps the two by a rename, so that nothing is
lost when it fails. What other services published since the backup is put back in their outboxes; a follower that
handled it before drops it by its inbox. What the service itself published is lost with its database: the chains that
others know further go on past that (`store.restored`), and each says what to do again.
"""
