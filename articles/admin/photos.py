"""The photo library in the admin: its grid, and the form of one photo."""

from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from articles.forms import PhotoForm
from articles.models import Article, Photo

from .lists import FoldedSearch
from .photo_filters import (
    MissingFilter,
    RemovedFilter,
    UploadedFilter,
    UploaderFilter,
    UseFilter,
)
from .photo_uploads import PhotoUploads


@admin.register(Photo)
class PhotoAdmin(PhotoUploads, FoldedSearch):
    form = PhotoForm
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
    def large(self, photo):
        return format_html(
            '<img class="large-photo" src="{}" alt="{}">', photo.file.url, photo.alt or photo.caption
        )

    @admin.display(description=_("size"))
    def size(self, photo):
        return f"{photo.width} × {photo.height}"

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
