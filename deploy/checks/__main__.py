"""`python -m deploy.checks`: see phases."""

import sys

from deploy.checks.phases import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
