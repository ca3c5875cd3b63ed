"""Where files are kept: static ones under names that carry their content's hash, originals out of reach.

Photos are `put`: a name has its file when that is whole, and a file that is there already is replaced. s3.py has the
same for S3-compatible storage.
"""

import os
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    support_js_module_import_aggregation = True
    # CKEditor builds the addresses of its skins and plugins itself, so a name without a hash is no error.
    manifest_strict = False


class StorageAway(OSError):
    """A storage in the network does not answer, or refuses."""


class MediaStorage(FileSystemStorage):
    def _save(self, name, content):
        """A file that a full disk has cut off does not stay."""
        is_new = not self.exists(name)
        try:
            return super()._save(name, content)
        except OSError:
            if is_new:
                self.delete(name)
            raise

    def put(self, name, chunks):
        path, root = Path(self.path(name)), Path(self.location)
        for folder in reversed(path.relative_to(root).parents):
            (root / folder).mkdir(mode=self.directory_permissions_mode or 0o777, exist_ok=True)
        part = tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False)  # noqa: SIM115
        try:
            with part:
                for chunk in chunks:
                    part.write(chunk)
            os.chmod(part.name, self.file_permissions_mode or 0o644)
            os.replace(part.name, path)
        except BaseException:
            os.unlink(part.name)
            raise


class OriginalsStorage(MediaStorage):
    """Files that nobody gets by an address."""

    def __init__(self):
        super().__init__(file_permissions_mode=0o600, directory_permissions_mode=0o700)

    @property
    def base_location(self):
        return settings.ORIGINALS_ROOT

    @property
    def location(self):
        return str(settings.ORIGINALS_ROOT)

    def url(self, name):
        raise ValueError("An original has no address.")
