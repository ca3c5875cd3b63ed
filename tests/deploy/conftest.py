"""Checks of the site on a server, minutes long: run by `make deploy-check`, not by `make test`."""

import os

collect_ignore_glob = [] if os.environ.get("DEPLOY_CHECK") else ["test_*"]
