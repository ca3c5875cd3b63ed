"""Where files are kept: static ones under names that carry their content's hash, originals out of reach."""

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    support_js_module_import_aggregation = True
    # CKEditor builds the addresses of its skins and plugins itself, so a name without a hash is no error.
    manifest_strict = False


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


class OriginalsStorage(FileSystemStorage):
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
