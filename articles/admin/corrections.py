"""Corrections of published stories: a form of one field, and their removal."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from articles import policy, workflow
from articles.models import Correction


class CorrectionForm(forms.ModelForm):
    class Meta:
        model = Correction
        fields = ["text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 6})}


class StoryCorrections:
    """For the ModelAdmin of stories."""

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("<int:id>/corrections/", view(self.corrections_view), name="articles_article_corrections"),
            path(
                "<int:id>/corrections/<int:correction_id>/remove/",
                view(require_POST(self.remove_correction_view)),
                name="articles_article_remove_correction",
            ),
            *super().get_urls(),
        ]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context |= {"may_correct": obj is not None and policy.may_correct(request.user, obj)}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def corrections_view(self, request, id):
        article = self._corrected(request, id)
        form = CorrectionForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            self._do(
                request,
                article,
                gettext("The correction is published: readers see it on the story's page."),
                lambda: workflow.correct(article, form.cleaned_data["text"], user=request.user),
            )
            return redirect("admin:articles_article_corrections", article.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Correction"),
            "opts": self.opts,
            "article": article,
            "form": form,
            "corrections": article.corrections.select_related("made_by"),
        }
        return TemplateResponse(request, "admin/articles/article/corrections.html", context)

    def remove_correction_view(self, request, id, correction_id):
        article = self._corrected(request, id)
        correction = get_object_or_404(article.corrections, pk=correction_id)
        self._do(
            request,
            article,
            gettext("The correction is removed. Its words stay in the history of the story."),
            lambda: workflow.remove_correction(correction, user=request.user),
        )
        return redirect("admin:articles_article_corrections", article.pk)

    def _do(self, request, article, sentence, change) -> None:
        try:
            change()
        except workflow.StepError as error:
            messages.error(request, str(error))
        else:
            self.log_change(request, article, sentence)
            messages.success(request, sentence)

    def _corrected(self, request, id):
        article = self._seen(request, id)
        if not policy.may_correct(request.user, article):
            raise PermissionDenied
        return article
