"""Pages for people: static files beside this module, and `pages`, which serves them."""
