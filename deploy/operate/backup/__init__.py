"""Backups of each service's own database, and the way back from one that leaves the services in agreement.

    python -m deploy.operate.backup take [--to FOLDER]                              one file per service, and a manifest
    python -m deploy.operate.backup restore --from FOLDER [--service logistics]     one service, or all
    python -m deploy.operate.backup replay --since TIME [--service logistics]       the last step of a restore, again
    python -m deploy.operate.backup lost                                  what people have to do again; 1 if any

A restore loads a backup beside the database that is there, checks it, and swaps the two by a rename, so that nothing is
lost when it fails. What the service has not heard since the backup is put back in the outboxes of those who told it;
whoever handled it before drops it by their inbox. What the service itself told since is lost with its database: the
chains that others know further go on past that (`store.restored`), and each says what to do again.
"""
