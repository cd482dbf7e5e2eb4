"""Pages for people: static files beside this module, `pages`, which serves them, and `forms`, without scripts.

`security_txt` says whom to tell of a hole.
"""
