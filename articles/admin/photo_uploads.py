"""Photos on their way into the library, and their words: one by one while writing, or many in one table."""

import re

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from articles import images
from articles.forms import PhotoForm, PhotoUploadForm, refusal
from articles.models import Photo
from articles.widgets import photo_upload_settings

CHOICES_PER_PAGE = 24
TABLE_LIMIT = 200  # photos in one table of words; what was sent and typed meanwhile is saved, however much


class PhotoUploads:
    """For the photos' ModelAdmin."""

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("choices/", view(self.choices_view), name="articles_photo_choices"),
            path("upload/", view(require_POST(self.upload_view)), name="articles_photo_upload"),
            path("words/", view(self.table_view), name="articles_photo_table"),
            path("<int:id>/words/", view(require_POST(self.words_view)), name="articles_photo_words"),
            *super().get_urls(),
        ]

    def add_view(self, request, form_url="", extra_context=None):
        """Where photos are dropped; without script a form that takes many, with the words they share."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = PhotoUploadForm(request.POST, request.FILES) if request.method == "POST" else PhotoUploadForm()
        if form.is_valid():
            photos, refusals = form.store(request.user)
            if not photos:
                form.add_error("files", refusals)
            else:
                for sentence in refusals:
                    messages.error(request, sentence)
                text = ngettext(
                    "%(count)s photo is in the library.", "%(count)s photos are in the library.", len(photos)
                )
                messages.success(request, text % {"count": len(photos)})
                return HttpResponseRedirect(reverse("admin:articles_photo_changelist"))
        context = {"title": gettext("Add photos"), "form": form, **self.upload_context()}
        return self._page(request, "upload.html", context)

    def upload_context(self) -> dict:
        return {"upload_settings": photo_upload_settings(), "accept": images.ACCEPT, "may_upload": True}

    def choices_view(self, request):
        """A page of the library for the chooser: ?q= searches, ?mine= narrows, ?page= goes on."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        photos = Photo.objects.present().matching(request.GET.get("q", "")[:200], is_typing=True)
        if request.GET.get("mine"):
            photos = photos.filter(uploaded_by=request.user)
        page = request.GET.get("page", "0")
        start = int(page) * CHOICES_PER_PAGE if re.fullmatch(r"[0-9]{1,5}", page) else 0
        found = list(photos[start : start + CHOICES_PER_PAGE + 1])
        return JsonResponse(
            {
                "photos": [photo.as_choice() for photo in found[:CHOICES_PER_PAGE]],
                "more": len(found) > CHOICES_PER_PAGE,
            }
        )

    def upload_view(self, request):
        """Stores one photo; a refusal is a sentence. With `row` the answer brings its row of the table."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        upload = request.FILES.get("file")
        if upload is None:
            return JsonResponse({"error": gettext("No file came. Choose the photo again.")}, status=400)
        try:
            photo = Photo.objects.store(upload, user=request.user)
        except images.ImageError as error:
            return JsonResponse({"error": refusal(upload, error)}, status=400)
        answer = {**photo.as_choice(), "page": reverse("admin:articles_photo_change", args=[photo.pk])}
        if "row" in request.POST and photo.is_new and self.has_change_permission(request, photo):
            answer["row"] = render_to_string(
                "admin/articles/photo/_words_row.html", {"form": _words_form(photo)}, request
            )
        return JsonResponse(answer)

    def words_view(self, request, id):
        """Caption, credit and alternative text from the chooser: for the library too, or for one use only."""
        photo = get_object_or_404(Photo, pk=id)
        if not self.has_change_permission(request, photo):
            raise PermissionDenied
        form = PhotoForm({"is_decorative": photo.is_decorative, **request.POST.dict()}, instance=photo)
        if not form.is_valid():
            return JsonResponse({"error": " ".join(sum(form.errors.values(), []))}, status=400)
        if "for_library" in request.POST:
            form.save()
        return JsonResponse(form.instance.as_choice())

    def table_view(self, request):
        """The words of the photos in ?id=…&id=…, else of those one has sent today, saved together."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        photos = self._photos_of_table(request)
        forms = [_words_form(photo, request.POST or None) for photo in photos]
        has_errors = request.method == "POST" and not _are_valid(forms)
        if request.method == "POST" and not has_errors:
            self._save_words(request, forms)
            return HttpResponseRedirect(reverse("admin:articles_photo_changelist"))
        context = {
            "title": gettext("Words of photos"),
            "forms": forms,
            "has_errors": has_errors,
            "is_of_today": not request.GET.getlist("id") and request.method != "POST",
        }
        return self._page(request, "words.html", context)

    def _photos_of_table(self, request) -> list[Photo]:
        photos = Photo.objects.present()
        if request.method == "POST":
            asked = request.POST.getlist("id")
        elif not (asked := request.GET.getlist("id")):
            today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
            return list(photos.filter(uploaded_by=request.user, uploaded_at__gte=today)[:TABLE_LIMIT])
        ids = dict.fromkeys(int(id) for id in asked if re.fullmatch(r"[0-9]{1,18}", id))
        found = photos.in_bulk(list(ids)[: None if request.method == "POST" else TABLE_LIMIT])
        if len(asked) > len(found):
            text = ngettext(
                "%(count)s photo is left out: it was removed meanwhile, or the table is full.",
                "%(count)s photos are left out: they were removed meanwhile, or the table is full.",
                len(asked) - len(found),
            )
            messages.warning(request, text % {"count": len(asked) - len(found)})
        return [found[id] for id in ids if id in found]

    def _save_words(self, request, forms):
        changed = [form for form in forms if form.has_changed()]
        with transaction.atomic():
            for form in changed:
                form.instance.save(update_fields=form.changed_data)
                self.log_change(
                    request, form.instance, self.construct_change_message(request, form, formsets=[])
                )
        text = ngettext(
            "The words of %(count)s photo are saved.",
            "The words of %(count)s photos are saved.",
            len(changed),
        )
        messages.success(request, text % {"count": len(changed)})

    def _page(self, request, template, context):
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            **context,
        }
        return TemplateResponse(request, f"admin/articles/photo/{template}", context)


def _are_valid(forms) -> bool:
    """Asks every one, so that each says what is wrong with it."""
    return not [form for form in forms if not form.is_valid()]


def _words_form(photo, posted=None) -> PhotoForm:
    prefix = f"photo-{photo.pk}"
    # A row that did not come whole must not blank what it lacks.
    is_whole = posted is not None and f"{prefix}-caption" in posted
    return PhotoForm(posted if is_whole else None, instance=photo, prefix=prefix)
