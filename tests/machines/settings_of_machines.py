"""The site's own settings, but static files come straight from the tree, as in other tests."""

from newsportal.settings import *  # noqa: F403

WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
