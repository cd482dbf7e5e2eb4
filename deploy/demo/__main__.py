"""`python -m deploy.demo`: see story."""

import sys

from deploy.demo.story import main

if __name__ == "__main__":
    sys.exit(main())
