"""One order's whole life over HTTP: `python -m deploy.demo`. `story` plays it, `client` speaks for it."""
