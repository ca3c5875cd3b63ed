"""How the newsroom works: its rules, and what stops a story from being published."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from articles import readiness
from articles.log import ReadableLog
from articles.models import NewsroomSettings

LEVELS = [
    (readiness.BLOCK, _("blocks")),
    (readiness.WARN, _("reminds")),
    (readiness.OFF, _("off")),
]
ADJUSTABLE = {f"check_{check.code}": check for check in readiness.CHECKS if not check.is_fixed}


class LevelsForm(forms.ModelForm):
    """A choice for each check; stored is only what differs from the level that the list begins with."""

    class Meta:
        model = NewsroomSettings
        fields = ["four_eyes"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, check in ADJUSTABLE.items():
            self.fields[name].initial = self.instance.check_levels.get(check.code, check.level)

    def save(self, commit=True):
        self.instance.check_levels = {
            check.code: self.cleaned_data[name]
            for name, check in ADJUSTABLE.items()
            if self.cleaned_data[name] != check.level
        }
        return super().save(commit)


# The fields are the list's, so the class is made of it.
NewsroomSettingsForm = type(
    "NewsroomSettingsForm",
    (LevelsForm,),
    {
        name: forms.ChoiceField(label=capfirst(check.label), choices=LEVELS, widget=forms.RadioSelect)
        for name, check in ADJUSTABLE.items()
    },
)


@admin.register(NewsroomSettings)
class NewsroomSettingsAdmin(ReadableLog, admin.ModelAdmin):
    form = NewsroomSettingsForm

    fieldsets = [
        (None, {"fields": ["four_eyes"]}),
        (
            _("Checks before publishing"),
            {
                "classes": ["check-levels"],
                "fields": list(ADJUSTABLE),
                "description": _(
                    "“Blocks”: the story cannot be published before it is mended. “Reminds”: it is only pointed out. A story without a section or a text is never published."
                ),
            },
        ),
    ]

    def changelist_view(self, request, extra_context=None):
        """There is one row: straight to its form."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        NewsroomSettings.objects.get_or_create(pk=1)
        return HttpResponseRedirect(reverse("admin:articles_newsroomsettings_change", args=[1]))

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
