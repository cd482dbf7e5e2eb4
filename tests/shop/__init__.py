"""The platform over HTTP, all of it in this process: what a shop does with it, and what strangers try."""
