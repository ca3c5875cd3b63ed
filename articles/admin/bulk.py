"""Steps with several stories of the list at once: each is taken, or refused by name, on its own."""

from django.contrib import admin, messages
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from articles import policy, workflow
from articles.models import Article


class BulkSteps:
    """For the ModelAdmin of stories."""

    actions = ["publish_selected", "submit_selected"]

    def get_actions(self, request):
        actions = super().get_actions(request)
        if not policy.may_publish(request.user):
            actions.pop("publish_selected", None)
        return actions

    @admin.action(description=_("Publish the selected stories"), permissions=["change"])
    def publish_selected(self, request, queryset):
        self._take_with_each(request, queryset, workflow.STEPS["publish"])

    @admin.action(description=_("Submit the selected stories for review"), permissions=["change"])
    def submit_selected(self, request, queryset):
        self._take_with_each(request, queryset, workflow.STEPS["submit"])

    def _take_with_each(self, request, queryset, step: workflow.Step) -> None:
        moved, refused = [], []
        for article in queryset:
            try:
                moved.append(workflow.take(step, article, user=request.user))
            except workflow.StepError as error:
                refused.append((self._named(article), error))
            else:
                self.log_change(request, moved[-1], f"{step.label}: {moved[-1].state}.")
        if moved:
            names = [(self._named(article), article.state) for article in moved]
            heading = ngettext("%(step)s: %(count)s story.", "%(step)s: %(count)s stories.", len(moved))
            self._tell(request, messages.SUCCESS, heading, step, names)
        if refused:
            heading = ngettext(
                "%(step)s: %(count)s story was refused.", "%(step)s: %(count)s stories were refused.", len(refused)
            )  # fmt: skip
            self._tell(request, messages.ERROR, heading, step, refused)

    def _tell(self, request, level, heading: str, step: workflow.Step, rows: list) -> None:
        points = format_html_join("", "<li>{}: {}</li>", rows)
        messages.add_message(
            request,
            level,
            format_html("{}<ul>{}</ul>", heading % {"step": step.label, "count": len(rows)}, points),
        )

    def _named(self, article: Article) -> str:
        address = reverse("admin:articles_article_change", args=[article.pk])
        return format_html("<a href='{}'>{}</a>", address, gettext("“%s”") % article.headline)
