"""Forms of the newsroom. What they refuse they say beside the field; nothing typed is lost."""

from uuid import uuid4

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from . import body, checking, docx, images, policy, word_import, workflow
from .models import Article, Photo, Section
from .widgets import BodyEditor, PhotoChooser


class BodyField(forms.CharField):
    """The text of a story or page, cleaned."""

    def clean(self, value):
        html = super().clean(value)
        if body.is_too_long(html):
            raise ValidationError(
                _(
                    "The text is too long: %(limit)s characters of HTML at the most. Split it, and format it again: only its words are left here."
                )
                % {"limit": number_format(body.LONGEST, force_grouping=True)}
            )
        return body.clean(html)

    def has_changed(self, initial, data):
        """The editor writes the same text in HTML of its own."""
        return super().has_changed(body.clean(initial or ""), body.clean(data or ""))


class StoryBodyField(BodyField):
    """Pictures that are not of the library are told instead of vanishing."""

    def clean(self, value):
        if count := body.foreign_images(value or ""):
            raise ValidationError(
                ngettext(
                    "%(count)s picture from elsewhere was taken out of the text. Add it with the button Photos, or save again without it.",
                    "%(count)s pictures from elsewhere were taken out of the text. Add them with the button Photos, or save again without them.",
                    count,
                )
                % {"count": count}
            )
        return super().clean(value)


class MinuteField(forms.SplitDateTimeField):
    def has_changed(self, initial, data):
        """The form shows no seconds."""
        return super().has_changed(initial and initial.replace(second=0, microsecond=0), data)


class ArticleForm(forms.ModelForm):
    """Also takes the step whose button was pressed, such as `_step=publish`."""

    is_update = forms.BooleanField(
        label=_("tell readers that the story was updated"),
        required=False,
        help_text=_("For real changes: sets the “Updated” date on the page. Not for a comma."),
    )
    # When the story had been saved last as this form was opened.
    loaded_at = forms.CharField(required=False, widget=forms.HiddenInput)
    # Of a new story, so that one form makes one story.
    key = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid4)

    class Meta:
        model = Article
        fields = "__all__"  # noqa: DJ007 - the admin names them in its fieldsets
        widgets = {
            "body": BodyEditor(),
            "headline": forms.Textarea(attrs={"rows": 2}),
            "lead": forms.Textarea(attrs={"rows": 4, "data-count": "300"}),
            "slug": forms.TextInput(attrs={"data-slug-of": "headline"}),
            "lead_photo": PhotoChooser(Photo.objects.present()),
        }
        field_classes = {
            "body": StoryBodyField,
            "published_at": MinuteField,
            "expires_at": MinuteField,
            "embargo_until": MinuteField,
        }

    user = None  # set by the admin for the request's form class
    step: workflow.Step | None = None  # taken by the admin once the whole form, rows included, is valid

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["loaded_at"] = self.instance.modified_at.isoformat()
            self.initial["is_update"] = bool(self.instance.next_of_id and self.instance.updated_at)
        else:
            self.instance.created_by = self.user

    def clean_headline(self):
        return " ".join(self.cleaned_data["headline"].split())

    def clean_lead(self):
        return " ".join(self.cleaned_data["lead"].split())

    def clean_published_at(self):
        return self._untouched_or("published_at")

    def clean_expires_at(self):
        return self._untouched_or("expires_at")

    def clean_embargo_until(self):
        return self._untouched_or("embargo_until")

    def clean_section(self):
        section = self.cleaned_data["section"]
        return section if section.pk == self.instance.section_id else _own_section(section, self.user)

    def _untouched_or(self, name):
        """The stored time, seconds included, unless another minute was typed."""
        return self.cleaned_data[name] if name in self.changed_data else getattr(self.instance, name)

    def clean(self):
        cleaned = super().clean()
        self._check_nobody_saved_meanwhile(cleaned)
        if "_restore" in self.data:
            raise ValidationError(_("This is not saved yet."), code="restored")
        self.step = self._chosen_step()
        self._check_expiry(cleaned)
        self._check_translation(cleaned)
        if self.step and self.step.target == Article.Status.PUBLISHED:
            self._check_ready()
        return cleaned

    def _chosen_step(self) -> workflow.Step | None:
        name = self.data.get("_step")
        if not name:
            return None
        step = workflow.STEPS.get(name)
        if step not in workflow.steps_for(self.user, self.instance):
            raise ValidationError(_("You cannot take this step with this story now. Load the page again."))
        if step.needs_reason and not self.reason:
            raise ValidationError(_("Give a reason: the others see it beside the story."))
        return step

    @property
    def reason(self) -> str:
        """Why the step is taken, typed beside its button."""
        return self.data.get(f"reason-{self.data.get('_step')}", "").strip()

    def _check_ready(self):
        """What blocks stands beside its field; a draft may be incomplete."""
        for point in checking.points_in_form(self):
            if point.blocks and point.field not in self.errors:
                self.add_error(point.field if point.field in self.fields else None, point.sentence)

    def _check_expiry(self, cleaned):
        expires_at, published_at = cleaned.get("expires_at"), cleaned.get("published_at")
        if self.step and self.step.target == Article.Status.PUBLISHED:
            published_at = published_at or timezone.now()
        if expires_at and published_at and expires_at <= published_at:
            self.add_error("expires_at", _("The story must expire after its publication."))

    def _check_translation(self, cleaned):
        """Two stories in two languages belong together, and no third one to either."""
        if "translation_of" not in self.fields:
            return
        other, mine = cleaned.get("translation_of"), self.instance.root_id
        whole = Article.objects.filter(next_of=None)
        if other is None:
            if mine and whole.filter(translation_of=mine, language=cleaned.get("language")).exists():
                self.add_error("language", _("Its translation is in this language already."))
        elif other.root_id == mine:
            self.add_error("translation_of", _("A story is not a translation of itself."))
        elif other.next_of_id:
            self.add_error("translation_of", _("Choose the published story itself, not its next version."))
        elif other.language == cleaned.get("language"):
            self.add_error(
                "translation_of", _("That story is in the same language. Choose one in the other.")
            )
        elif (
            other.translation_of_id not in (None, mine)
            or whole.filter(translation_of=other).exclude(pk=mine).exists()
        ):
            self.add_error("translation_of", _("That story has a translation already."))
        elif mine and whole.filter(translation_of=mine).exclude(pk=other.pk).exists():
            self.add_error("translation_of", _("Another story says that it is the translation of this one."))

    def _check_nobody_saved_meanwhile(self, cleaned):
        """Holds the row until the save is over, so that of two people one is told."""
        if self.instance.pk is None or not cleaned.get("loaded_at"):
            return
        rows = Article.objects.select_for_update().filter(pk=self.instance.pk)
        modified_at = rows.values_list("modified_at", flat=True).first()
        if modified_at is None:
            raise ValidationError(
                _("This story is no longer there. Copy your text and put it into a new story.")
            )
        if modified_at.isoformat() != cleaned["loaded_at"]:
            # The admin answers with both texts side by side.
            raise ValidationError(_("Somebody saved this story after you had opened it."), code="conflict")

    def save(self, commit=True):
        if policy.may_publish(self.user):
            if self.cleaned_data.get("is_update"):
                self.instance.updated_at = timezone.now()
            elif self.instance.next_of_id:
                self.instance.updated_at = None
        return super().save(commit)


def _own_section(section: Section, user) -> Section:
    if not policy.works_in(user, Article(section=section)):
        raise ValidationError(_("You do not work in this section. Choose one of yours."))
    return section


class OrderedRow(forms.ModelForm):
    @cached_property
    def changed_data(self):
        """A new row that holds nothing but its number is an empty one."""
        changed = super().changed_data
        return [] if changed == ["order"] and self.instance.pk is None else changed


class OrderedFormSet(BaseInlineFormSet):
    """Rows that were added without a number come last, in the order in which they stand in the form."""

    def add_fields(self, form, index):
        """In a table the heading of a column names its fields for the eye alone."""
        super().add_fields(form, index)
        for field in form.fields.values():
            widget = getattr(field.widget, "widget", field.widget)
            label = capfirst(str(field.label or ""))
            widget.attrs.setdefault("aria-label", label)
            if isinstance(widget, (forms.TextInput, forms.URLInput)):
                widget.attrs.setdefault("placeholder", label)

    def save_new(self, form, commit=True):
        if not form.cleaned_data.get("order"):
            form.instance.order = self.forms.index(form) + 1
        return super().save_new(form, commit)


class PhotoForm(forms.ModelForm):
    """The words of a photo."""

    class Meta:
        model = Photo
        fields = ["caption", "credit", "alt", "is_decorative"]
        widgets = {"caption": forms.Textarea(attrs={"rows": 2}), "alt": forms.Textarea(attrs={"rows": 2})}

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("is_decorative") and cleaned.get("alt"):
            self.add_error("alt", _("A decorative photo has no alternative text: clear one of the two."))
        return cleaned


class PhotoPageForm(PhotoForm):
    class Meta(PhotoForm.Meta):
        fields = [*PhotoForm.Meta.fields, "focal_x", "focal_y"]


class PhotoReplaceForm(forms.Form):
    file = forms.FileField(
        label=_("new file"),
        allow_empty_file=True,  # so that it is refused in the same words as a broken one
        widget=forms.ClearableFileInput(attrs={"accept": images.ACCEPT}),
    )


class PhotoRemovalForm(forms.Form):
    reason = forms.CharField(
        label=_("reason"),
        help_text=_("Who asked for it and why. Stays in the log and on the photo's page."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def refusal(upload, error: images.ImageError | docx.DocxError) -> str:
    """Which file, and why."""
    return f"“{upload.name}”: {error}"


class MultipleFileInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class MultipleFileField(forms.FileField):
    widget = MultipleFileInput

    def clean(self, data, initial=None):
        files = data if isinstance(data, list) and data else [None]
        return [super(MultipleFileField, self).clean(file, initial) for file in files]


class PhotoUploadForm(forms.Form):
    """Several photos at once; a bad one is refused by name, the others are kept."""

    files = MultipleFileField(
        label=_("photos"),
        allow_empty_file=True,  # so that an empty one is refused by name and the others are kept
        help_text=_("JPEG, PNG, WebP, GIF or HEIC, several at once."),
        widget=MultipleFileInput(attrs={"accept": images.ACCEPT}),
    )
    caption = forms.CharField(label=_("caption"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    credit = forms.CharField(label=_("credit"), required=False, max_length=120)

    def store(self, user) -> tuple[list[Photo], list[str]]:
        """The stored photos, and a sentence for each refused file."""
        photos, refusals = [], []
        words = {name: self.cleaned_data.get(name, "") for name in ("caption", "credit")}
        for upload in self.cleaned_data["files"]:
            try:
                photos.append(Photo.objects.store(upload, user=user, **words))
            except images.ImageError as error:
                refusals.append(refusal(upload, error))
        return photos, refusals


class WordImportForm(forms.Form):
    """One or several Word files; each becomes a draft of its own or is refused by name."""

    files = MultipleFileField(
        label=_("Word files"),
        allow_empty_file=True,  # so that an empty one is refused by name and the others are read
        help_text=_(
            "Files ending in .docx, up to ten at once. Each becomes a draft of its own with its photos, captions and authors; nothing is published."
        ),
        widget=MultipleFileInput(
            attrs={"accept": ".docx,application/vnd.openxmlformats-officedocument.wordprocessingml.document"}
        ),
    )
    section = forms.ModelChoiceField(Section.objects.all(), label=pgettext_lazy("of news", "section"))

    FILES_AT_ONCE = 10

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["files"].widget.attrs |= {
            "data-max-bytes": settings.DOCX_MAX_BYTES,
            "data-too-large": docx.too_large(),
        }

    def clean_section(self):
        return _own_section(self.cleaned_data["section"], self.user)

    def clean_files(self):
        files = self.cleaned_data["files"]
        if len(files) > self.FILES_AT_ONCE:
            raise ValidationError(
                _("Send %(limit)s files at once at the most.") % {"limit": self.FILES_AT_ONCE}
            )
        return files

    def import_files(self) -> tuple[list[tuple[str, word_import.Draft]], list[str]]:
        """The drafts by the names of their files, and a sentence for each refused file."""
        drafts, refusals = [], []
        for upload in self.cleaned_data["files"]:
            try:
                draft = word_import.import_file(upload, section=self.cleaned_data["section"], user=self.user)
                drafts.append((upload.name, draft))
            except docx.DocxError as error:
                refusals.append(refusal(upload, error))
        return drafts, refusals
