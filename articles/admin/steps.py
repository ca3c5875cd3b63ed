"""Steps with a story that is not being edited: by buttons on its page, each a POST."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from articles import checking, policy, versions, workflow
from articles.models import Article, WorkingDraft


class StorySteps:
    """For the ModelAdmin of stories."""

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("<int:id>/step/", view(require_POST(self.step_view)), name="articles_article_step"),
            path("<int:id>/next/", view(require_POST(self.next_view)), name="articles_article_next"),
            path("<int:id>/discard/", view(require_POST(self.discard_view)), name="articles_article_discard"),
            *super().get_urls(),
        ]

    def step_view(self, request, id):
        """Takes the step whose button was pressed; a refusal is a sentence, and nothing has changed."""
        article = self._seen(request, id)
        step = workflow.STEPS.get(request.POST.get("_step", ""))
        if step is None:
            raise Http404
        try:
            article = workflow.take(
                step,
                article,
                user=request.user,
                reason=request.POST.get(f"reason-{step.name}", ""),
                as_of=request.POST.get("as_of", ""),
            )
        except workflow.StepError as error:
            messages.error(request, str(error))
        else:
            self.log_change(request, article, f"{step.label}: {article.state}.")
            self.tell_of_step(request, article)
        return self._to(request, article)

    def next_view(self, request, id):
        """Begins the next version of a published story, or opens the one begun before."""
        article = self._seen(request, id)
        if not policy.may_begin_next(request.user, article):
            raise PermissionDenied
        return self._to(request, versions.begin_next(article, request.user))

    def discard_view(self, request, id):
        """Gives a next version up; readers go on seeing the story as it is."""
        article = self._seen(request, id)
        if not (article.next_of_id and policy.may_edit(request.user, article)):
            raise PermissionDenied
        try:
            live = workflow.discard_next(article, user=request.user)
        except workflow.StepError as error:
            messages.error(request, str(error))
            return self._to(request, article.next_of)
        WorkingDraft.objects.filter(user=request.user, story_id=live.pk).delete()
        messages.success(
            request, gettext("The next version is given up. What was written is kept among the versions.")
        )
        return self._to(request, live)

    def tell_of_step(self, request, article) -> None:
        messages.success(
            request,
            format_html(
                "{} <a href='{}'>{}</a>",
                gettext("“%(headline)s” is saved: %(state)s.")
                % {"headline": article.headline, "state": article.state},
                reverse("admin:articles_article_preview", args=[article.pk]),
                gettext("See the page"),
            ),
        )
        if article.status == Article.Status.IN_REVIEW:
            self.tell_of_points(request, article)

    def tell_of_points(self, request, article) -> None:
        """What to look at in a story that was submitted; the same list as in its form."""
        if points := checking.points(article):
            rows = format_html_join("", "<li>{}</li>", ((point.sentence,) for point in points))
            messages.warning(request, format_html("{}<ul>{}</ul>", gettext("To check:"), rows))

    def _seen(self, request, id) -> Article:
        article = get_object_or_404(Article, pk=id)
        if not policy.may_view(request.user, article):
            raise PermissionDenied
        return article

    def _to(self, request, article):
        """The story's own page in the admin, or the list for who may no longer see it."""
        if policy.may_view(request.user, article):
            return redirect("admin:articles_article_change", article.pk)
        return redirect("admin:articles_article_changelist")
