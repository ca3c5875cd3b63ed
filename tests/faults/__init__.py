"""What may break on a server, each fault with the figure that is promised: `make chaos` runs the long forms."""

import os

LONG = bool(os.environ.get("CHAOS"))
