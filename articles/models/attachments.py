"""Documents that readers download with a story."""

import secrets
from pathlib import PurePath

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator
from django.db import models
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from articles.fields import CharField
from articles.fold import fold, slugify

ATTACHMENT_EXTENSIONS = ["pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "zip"]


def attachment_path(attachment, file_name: str) -> str:
    """A safe name that still tells what is downloaded, in a folder that nobody can guess: drafts have attachments too."""
    name = PurePath(file_name)
    return f"attachments/{timezone.localdate():%Y/%m}/{secrets.token_hex(8)}/{slugify(name.stem, 80) or 'tep'}{fold(name.suffix)}"


class Attachment(models.Model):
    article = models.ForeignKey(
        "articles.Article", models.CASCADE, verbose_name=_("story"), related_name="attachments"
    )
    file = models.FileField(
        _("file"),
        upload_to=attachment_path,
        max_length=200,
        validators=[
            FileExtensionValidator(
                ATTACHMENT_EXTENSIONS,
                format_lazy(_("This kind of file is not taken. Allowed: {extensions}."), extensions=", ".join(ATTACHMENT_EXTENSIONS)),
            )
        ],
    )  # fmt: skip
    title = CharField(
        _("title"), max_length=200, blank=True, help_text=_("Left empty, the file's name is shown.")
    )
    size = models.PositiveBigIntegerField(_("size in bytes"), editable=False, default=0)
    order = models.PositiveSmallIntegerField(_("order"), default=0, db_index=True)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["order", "id"]

    def __str__(self):
        return self.title or PurePath(self.file.name).name

    def save(self, *args, **kwargs):
        if not self.file._committed:
            self.size = self.file.size
            self.title = self.title or PurePath(self.file.name).stem
        super().save(*args, **kwargs)

    def clean(self):
        if self.file and not self.file._committed and self.file.size > settings.ATTACHMENT_MAX_BYTES:
            limit = settings.ATTACHMENT_MAX_BYTES // 1024**2
            raise ValidationError(
                {"file": _("The file is over the limit of %(limit)s MB.") % {"limit": limit}}
            )

    @property
    def kind(self) -> str:
        return PurePath(self.file.name).suffix.lstrip(".").upper()
