"""The photo library in the admin, and what the editor's dialog asks of it."""

import re

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from articles import images
from articles.forms import PhotoForm, PhotoUploadForm, refusal
from articles.models import Article, Photo

from .lists import FoldedSearch

CHOICES_PER_PAGE = 24


@admin.register(Photo)
class PhotoAdmin(FoldedSearch):
    form = PhotoForm
    list_display = ["thumbnail", "words", "credit", "size", "uploaded_by", "uploaded_at"]
    list_display_links = ["words"]
    list_filter = ["uploaded_at"]
    list_select_related = ["uploaded_by"]
    list_per_page = 60
    readonly_fields = ["large", "size", "original_name", "uploaded_by", "uploaded_at"]
    fields = [
        "large",
        "caption",
        "credit",
        "alt",
        "is_decorative",
        "size",
        "original_name",
        "uploaded_by",
        "uploaded_at",
    ]

    @admin.display(description=_("photo"))
    def thumbnail(self, photo):
        return format_html(
            '<img class="thumbnail" src="{}" alt="" width="120" height="80" loading="lazy">',
            photo.thumbnail_url,
        )

    @admin.display(description=_("photo"))
    def large(self, photo):
        return format_html(
            '<img class="large-photo" src="{}" alt="{}">', photo.file.url, photo.alt or photo.caption
        )

    @admin.display(description=_("caption"), ordering="caption")
    def words(self, photo):
        return str(photo)

    @admin.display(description=_("size"))
    def size(self, photo):
        return f"{photo.width} × {photo.height}"

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("choices/", view(self.choices_view), name="articles_photo_choices"),
            path("upload/", view(require_POST(self.upload_view)), name="articles_photo_upload"),
            path("<int:id>/words/", view(require_POST(self.words_view)), name="articles_photo_words"),
            *super().get_urls(),
        ]

    def add_view(self, request, form_url="", extra_context=None):
        """Many photos in one go, with the words they share."""
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
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Add photos"),
            "opts": self.opts,
            "form": form,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/articles/photo/upload.html", context)

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
        """Stores one photo sent while writing; a refusal is a sentence."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        upload = request.FILES.get("file")
        if upload is None:
            return JsonResponse({"error": gettext("No file came. Choose the photo again.")}, status=400)
        try:
            photo = Photo.objects.store(upload, user=request.user)
        except images.ImageError as error:
            return JsonResponse({"error": refusal(upload, error)}, status=400)
        return JsonResponse(photo.as_choice())

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

    def has_delete_permission(self, request, obj=None):
        """A photo that a story shows stays."""
        return super().has_delete_permission(request, obj) and not (
            obj and Article.objects.showing(obj).exists()
        )

    def get_actions(self, request):
        return {}
