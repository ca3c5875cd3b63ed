"""Photos, originals and attachments in S3-compatible storage, below two names of one bucket that nobody else reads.

Readers get them by the site's own addresses, as from a disk, so that no page changes when files move.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from tempfile import SpooledTemporaryFile
from urllib.parse import urljoin

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.cache import caches
from django.core.files import File
from django.utils.encoding import filepath_to_uri
from storages.backends.s3 import S3Storage

from .storage import StorageAway

IN_MEMORY = 5 * 1024 * 1024  # bytes of a file; a larger one is put down on disk meanwhile
PAUSE = 3  # seconds in which a storage that did not answer is not asked again: a feed asks for many files
_away_until = 0.0  # time.monotonic()


@contextmanager
def told_as_os_error():
    """So that whoever can do without a file needs to know no more than with a disk."""
    global _away_until
    if time.monotonic() < _away_until:
        raise StorageAway("The storage of files does not answer.")
    try:
        yield
    except ClientError as error:
        raise StorageAway(f"The storage of files: {error}") from error
    except BotoCoreError as error:
        _away_until = time.monotonic() + PAUSE
        raise StorageAway(f"The storage of files: {error}") from error


class MediaStorage(S3Storage):
    place = "media"
    # A name that is taken gets another one.
    chosen = {
        "file_overwrite": False,
        "default_acl": None,
        "querystring_auth": False,
        "max_memory_size": IN_MEMORY,
    }

    def __init__(self):
        super().__init__(
            location=self.place,
            bucket_name=settings.S3_BUCKET,
            endpoint_url=settings.S3_ENDPOINT or None,
            region_name=settings.S3_REGION,
            access_key=settings.S3_ACCESS_KEY or None,
            secret_key=settings.S3_SECRET_KEY or None,
            addressing_style="path" if settings.S3_ENDPOINT else "auto",
            client_config=Config(
                connect_timeout=3, read_timeout=20, retries={"total_max_attempts": 2, "mode": "standard"},
                request_checksum_calculation="when_required", response_checksum_validation="when_required",
            ),
            **self.chosen,
        )  # fmt: skip

    def url(self, name, *args, **kwargs):
        return urljoin(settings.MEDIA_URL, filepath_to_uri(name))

    @told_as_os_error()
    def put(self, name, chunks):
        """A name has its file when all of it has arrived."""
        with SpooledTemporaryFile(max_size=IN_MEMORY) as whole:
            for chunk in chunks:
                whole.write(chunk)
            whole.seek(0)
            super()._save(name, File(whole, name))

    @told_as_os_error()
    def _open(self, name, mode="rb"):
        opened = super()._open(name, mode)
        opened.file  # noqa: B018 - fetched now, while trouble can still be told
        return opened

    def everything(self) -> Iterator[tuple[str, int, datetime]]:
        """Names, sizes and times of change of all files, a thousand a question."""
        with told_as_os_error():
            for found in self.bucket.objects.filter(Prefix=f"{self.place}/"):
                yield found.key.removeprefix(f"{self.place}/"), found.size, found.last_modified

    def size(self, name):
        """Asked once a day: the file of a name never changes."""
        return caches["memory"].get_or_set(f"size:{self.place}/{name}", lambda: self._size(name), 24 * 3600)

    _size = told_as_os_error()(S3Storage.size)
    _save = told_as_os_error()(S3Storage._save)
    delete = told_as_os_error()(S3Storage.delete)
    exists = told_as_os_error()(S3Storage.exists)
    listdir = told_as_os_error()(S3Storage.listdir)
    get_modified_time = told_as_os_error()(S3Storage.get_modified_time)


class OriginalsStorage(MediaStorage):
    """Files that nobody gets by an address."""

    place = "originals"

    def url(self, name, *args, **kwargs):
        raise ValueError("An original has no address.")
