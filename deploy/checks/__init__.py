"""What continuous integration runs: `python -m deploy.checks PHASE …`.

phases     all tests, in their phases             contracts  examples of the last release
locked     what is installed is what was locked   configuration  what is derived from the declared settings
"""
