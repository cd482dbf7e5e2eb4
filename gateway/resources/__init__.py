"""One file per resource: its routes, and nothing that another resource needs."""
