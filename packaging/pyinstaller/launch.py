"""Where a frozen program begins; everything else is the package's own entry."""

import sys

from cort_desktop.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
