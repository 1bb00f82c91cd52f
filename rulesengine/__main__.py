"""`python -m rulesengine` is the command `rulesengine`."""

import sys

from rulesengine.cli import main

sys.exit(main())
