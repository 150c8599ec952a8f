"""The entry: `python main.py` serves; `python main.py --help` lists the commands."""

import sys

from followup.app import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
