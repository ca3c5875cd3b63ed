"""The photo library in the admin: its grid, and the page of one photo."""

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import redirect
from django.utils.translation import gettext, ngettext

from articles import policy
from articles.forms import PhotoPageForm
from articles.models import Article, Photo
from newsportal.audit.record import Kind

from .lists import FoldedSearch
from .photo_files import PhotoFiles
from .photo_filters import (
    MissingFilter,
    RemovedFilter,
    UploadedFilter,
    UploaderFilter,
    UseFilter,
    person_name,
)
from .photo_uploads import PhotoUploads

USES_SHOWN = 100


@admin.register(Photo)
class PhotoAdmin(PhotoUploads, PhotoFiles, FoldedSearch):
    audit_kind = Kind.PHOTO
    form = PhotoPageForm
    change_form_template = "admin/articles/photo/change_form.html"
    list_display = ["__str__"]  # the grid shows the rest
    list_filter = [
        ("uploaded_at", UploadedFilter),
        UploaderFilter,
        UseFilter,
        MissingFilter,
        RemovedFilter,
    ]
    list_per_page = 60
    list_max_show_all = 0
    show_full_result_count = False
    fields = ["caption", "credit", "alt", "is_decorative", "focal_x", "focal_y"]

    # Grid

    def get_queryset(self, request):
        """With the number of stories that show each photo, counted for the rows of the page alone."""
        uses = Article.photos.through.objects.filter(photo=OuterRef("pk")).order_by().values("photo")
        counted = Subquery(uses.annotate(count=Count("pk")).values("count"), output_field=IntegerField())
        return super().get_queryset(request).defer("folded").annotate(uses=Coalesce(counted, 0))

    def get_actions(self, request):
        return {}

    def changelist_view(self, request, extra_context=None):
        extra = {
            "may_change_words": self.has_change_permission(request),
            **(self.upload_context() if self.has_add_permission(request) else {}),
            **(extra_context or {}),
        }
        return super().changelist_view(request, extra)

    # Rights

    def has_change_permission(self, request, obj=None):
        """Nothing is left to change of a removed photo."""
        return super().has_change_permission(request, obj) and not (obj and obj.removed_at)

    def has_delete_permission(self, request, obj=None):
        """A photo that a story shows stays, and so does the row of a removed one."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and not (obj and (obj.removed_at or obj.articles.exists()))

    # Page of one photo

    def change_view(self, request, object_id, form_url="", extra_context=None):
        photo = self.get_object(request, object_id)
        if photo is None or not self.has_view_permission(request, photo):
            return super().change_view(request, object_id, form_url, extra_context)
        if photo.removed_at:
            return self._removed_page(request, photo)
        extra = {
            "title": gettext("Photo"),
            "subtitle": None,
            "photo": photo,
            "uploader": photo.uploaded_by and person_name(photo.uploaded_by),
            "may_replace": self.may_replace(request, photo),
            "may_remove": self.may_remove(request, photo),
            **self.uses(request, photo),
        }
        return super().change_view(request, object_id, form_url, extra | (extra_context or {}))

    def audit_name(self, photo):
        """Not its caption, which names people and goes when the photo is taken out."""
        return ""

    def _removed_page(self, request, photo):
        log = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(Photo), object_id=photo.pk
        )
        context = {
            "title": gettext("Removed photo"),
            "photo": photo,
            "remover": photo.removed_by and person_name(photo.removed_by),
            "log": log.select_related("user").order_by("-action_time"),
        }
        return self._page(request, "removed.html", context)

    def uses(self, request, photo) -> dict:
        """The stories that show the photo, the latest of those the person may see, and how many they are in all."""
        stories = (
            policy.visible(request.user, photo.articles.all())
            .select_related("section")
            .defer("body", "body_html", "body_text", "folded", "search_document")
            .order_by("-modified_at", "-id")
        )
        return {"stories": stories[:USES_SHOWN], "stories_count": photo.articles.count()}

    def save_model(self, request, photo, form, change):
        words = [name for name in form.changed_data if not name.startswith("focal_")]
        with transaction.atomic():
            if words:
                photo.save(update_fields=words)
            if len(words) < len(form.changed_data):
                photo.set_focal_point(photo.focal_x, photo.focal_y)

    def delete_view(self, request, object_id, extra_context=None):
        """Says where a photo is used instead of a mere refusal."""
        photo = self.get_object(request, object_id)
        may_delete_others = super().has_delete_permission(request)
        if photo and may_delete_others and (count := photo.articles.count()):
            text = ngettext(
                "The photo is in %(count)s story, named below, and cannot be deleted.",
                "The photo is in %(count)s stories, named below, and cannot be deleted.",
                count,
            )
            messages.error(request, text % {"count": count})
            return redirect("admin:articles_photo_change", photo.pk)
        return super().delete_view(request, object_id, extra_context)
