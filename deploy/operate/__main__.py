"""`python -m deploy.operate`: see by_hand."""

import sys

from deploy.operate.by_hand import main

if __name__ == "__main__":
    sys.exit(main())
