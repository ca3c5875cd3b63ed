"""Links by which people without an account read a draft: made and taken back on a page of the story."""

from datetime import datetime, time, timedelta

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from articles import policy, workflow
from articles.models import Article, SharedLink
from articles.models.sharing import hash_of, new_token

DAYS = (1, 3, 7)
SALT = "articles.shared-link"


class ShareForm(forms.Form):
    reader = forms.CharField(
        label=_("for whom"), max_length=80, help_text=_("Shown in the history of the story.")
    )
    days = forms.ChoiceField(
        label=_("valid"),
        choices=lambda: [
            *((str(days), ngettext("%(days)s day", "%(days)s days", days) % {"days": days}) for days in DAYS),
            ("", gettext("until the end of:")),
        ],
        initial="3",
        required=False,
        widget=forms.RadioSelect,
    )
    until = forms.DateField(
        label=_("last day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    may_approve = forms.BooleanField(label=_("may approve the story"), required=False, initial=True)
    # Drawn when the form was shown, so that a form sent twice makes one link. Of no use before it is sent.
    token = forms.CharField(widget=forms.HiddenInput, initial=lambda: signing.dumps(new_token(), salt=SALT))

    def clean_token(self) -> str:
        try:
            return signing.loads(self.cleaned_data["token"], salt=SALT)
        except signing.BadSignature as error:
            raise ValidationError(gettext("Load the page again.")) from error

    def clean(self):
        cleaned = super().clean()
        now = timezone.now()
        if cleaned.get("days"):
            cleaned["expires_at"] = now + timedelta(days=int(cleaned["days"]))
        elif cleaned.get("until"):
            cleaned["expires_at"] = timezone.make_aware(datetime.combine(cleaned["until"], time.max))
            if not now < cleaned["expires_at"] < now + timedelta(days=SharedLink.LONGEST + 1):
                self.add_error(
                    "until",
                    gettext("Choose a day from today on, and no more than %(days)s days ahead.")
                    % {"days": SharedLink.LONGEST},
                )
        elif "until" not in self.errors and "days" not in self.errors:
            self.add_error("until", gettext("Choose the last day."))
        return cleaned


class StorySharing:
    """For the ModelAdmin of stories."""

    def get_urls(self):
        view = never_cache(self.admin_site.admin_view(self.share_view))
        return [path("<int:id>/share/", view, name="articles_article_share"), *super().get_urls()]

    def share_view(self, request, id):
        """The story's links; a POST makes one, whose address is in this one answer only, or takes one back."""
        article = get_object_or_404(Article.objects.select_related("section"), pk=id)
        if not (
            policy.may_view(request.user, article) and policy.may(request.user, policy.Right.WRITE, article)
        ):
            raise PermissionDenied
        if "revoke" in request.POST:
            return self._take_back(request, article)
        form, address, link = ShareForm(), "", None
        if request.method == "POST":
            if not policy.may_share(request.user, article):
                raise PermissionDenied
            form = ShareForm(request.POST)
            if form.is_valid():
                link = self._make_link(request, article, form.cleaned_data)
                address = request.build_absolute_uri(
                    reverse("articles:shared", args=[form.cleaned_data["token"]])
                )
                form = ShareForm()
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Share a draft"),
            "opts": self.opts,
            "article": article,
            "form": form,
            "may_share": policy.may_share(request.user, article),
            "links": SharedLink.objects.filter(story=article.root_id).select_related("made_by"),
            "made": link,
            "address": address,
        }
        return TemplateResponse(request, "admin/articles/article/share.html", context)

    def _make_link(self, request, article, wanted) -> SharedLink:
        link, is_new = SharedLink.objects.get_or_create(
            token_hash=hash_of(wanted["token"]),
            defaults={
                "story_id": article.root_id,
                "draft": article,
                "reader": wanted["reader"],
                "may_approve": wanted["may_approve"],
                "expires_at": wanted["expires_at"],
                "made_by": request.user,
            },
        )
        if is_new:
            workflow.note(article, "share", request.user, reason=link.reader, next=article.next_of_id)
        return link

    def _take_back(self, request, article):
        number = request.POST["revoke"]
        link = get_object_or_404(
            SharedLink, story=article.root_id, pk=number if number.isdecimal() and len(number) < 19 else None
        )
        if SharedLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now()):
            workflow.note(article, "unshare", request.user, reason=link.reader, next=article.next_of_id)
        messages.success(
            request, gettext("The link for %(reader)s no longer opens.") % {"reader": link.reader}
        )
        return redirect("admin:articles_article_share", article.pk)
