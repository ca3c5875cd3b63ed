"""The trash: the list of stories with a button on each row that takes it out again."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles import policy, workflow
from articles.models import Article


class Trash:
    """For the ModelAdmin of stories."""

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"is_trash": is_trash(request), **(extra_context or {})})

    def get_list_display(self, request):
        columns = super().get_list_display(request)
        if not is_trash(request):
            return columns
        restore = workflow.STEPS["restore"]

        # In the place of the state, which is the same in every row.
        @admin.display(description=_("take out"))
        def restore_button(article):
            if not policy.may(request.user, restore.right, article):
                return "–"
            return format_html(
                '<button type="submit" class="quiet-button" name="_step" value="restore" formaction="{}"'
                ' aria-label="{}">{}</button>',
                reverse("admin:articles_article_step", args=[article.pk]),
                gettext("Restore “%(headline)s”") % {"headline": article.headline},
                gettext("Restore"),
            )

        return [restore_button if column == "state" else column for column in columns]


def is_trash(request) -> bool:
    return request.GET.get("state") == Article.Status.TRASHED
