"""What bylines earn, for the report of who wrote what."""

from django.contrib import admin
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.log import ReadableLog
from articles.models import RoyaltyRate


@admin.register(RoyaltyRate)
class RoyaltyRateAdmin(ReadableLog, admin.ModelAdmin):
    """One table to type into."""

    list_display = ["role", "genre_name", "per_story", "per_photo"]
    list_display_links = ["role"]
    list_editable = ["per_story", "per_photo"]
    list_per_page = 200
    ordering = ["role", "genre"]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in self.list_editable:
            field.widget.attrs["aria-label"] = capfirst(
                field.label
            )  # in the list there is no label beside it
        return field

    @admin.display(description=gettext_lazy("genre"), ordering="genre")
    def genre_name(self, rate):
        return rate.get_genre_display() if rate.genre else _("Every genre")
