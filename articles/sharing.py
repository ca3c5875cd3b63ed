"""What somebody without an account sees and answers through a shared link. Makes no links: the admin does."""

import hashlib
import json

from django import forms
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.http import require_http_methods

from . import notices, versions, workflow
from .beside import beside, common_to
from .models import Answer, Article, SharedLink

Verdict = Answer.Verdict

# What an approval is bound to: all that the page shows of the story, but not its times and places on lists.
SHOWN = (
    "kicker", "headline", "lead", "dateline", "body", "source_name", "source_url", "lead_photo",
    "bylines", "related_links", "attachments",
)  # fmt: skip
UNSEEN = (Article.Status.DRAFT, Article.Status.IN_REVIEW, Article.Status.RETURNED, "scheduled")


class AnswerForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Your name"), max_length=80)
    comment = forms.CharField(
        label=gettext_lazy("Comment"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    verdict = forms.ChoiceField(choices=Verdict)  # the button that was pressed
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args, link: SharedLink, current: str, **kwargs):
        super().__init__(*args, initial={"name": link.reader, "seen": current}, **kwargs)
        self.link, self.current = link, current

    def clean(self):
        cleaned = super().clean()
        verdict, comment = cleaned.get("verdict"), cleaned.get("comment")
        if self.link.answers.count() >= SharedLink.MOST_ANSWERS:
            self.add_error(None, _("This link takes no more answers. Write to whoever sent it to you."))
        elif verdict == Verdict.COMMENTED and "comment" not in self.errors and not comment:
            self.add_error("comment", _("Write your comment first."))
        elif verdict == Verdict.APPROVED and not self.link.may_approve:
            self.add_error(None, _("This link is for comments only."))
        elif verdict == Verdict.APPROVED and cleaned.get("seen") != self.current:
            self.add_error(
                None, _("The story was changed while you were reading. Read it again, then agree to it.")
            )
        return cleaned


def fingerprint(article: Article) -> str:
    """Of the text as it is saved now; seven queries at most."""
    content = versions.content_of(article)
    words = json.dumps([content[name] for name in SHOWN], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(words.encode()).hexdigest()


@require_http_methods(["GET", "HEAD", "POST"])
def shared(request, token):
    """The draft in the real template. Looking changes nothing but the count: mail scanners follow links."""
    link = SharedLink.objects.by_token(token)
    article = link and Article.objects.for_page().filter(pk=link.draft_id).first()
    if article is None or article.state_name not in UNSEEN:
        response = _without_draft(request, link)
    elif request.method == "POST":
        response = _answer(request, link, article)
    else:
        if request.method == "GET":
            link.note_opening()
        response = _page(request, link, article, AnswerForm(link=link, current=fingerprint(article)))
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    # With no-referrer browsers would send the form without its origin, and Django would refuse it.
    response["Referrer-Policy"] = "same-origin"
    return response


def _without_draft(request, link: SharedLink | None):
    """The public page, once there is one; else one answer that does not tell a wrong link from an old one."""
    public = link and Article.objects.published().filter(pk=link.story_id).first()
    return redirect(public) if public else render(request, "articles/shared_gone.html", status=404)


def _page(request, link: SharedLink, article: Article, form: AnswerForm):
    context = {
        "article": article,
        "beside": beside(article, common_to(article)),
        "link": link,
        "answers": link.answers.all(),
        "form": form,
    }
    with override(article.language):
        return render(request, "articles/shared.html", context, status=422 if form.errors else 200)


def _answer(request, link: SharedLink, article: Article):
    with transaction.atomic():
        # Nobody saves the story or answers by the same link until this answer is stored.
        Article.objects.select_for_update().filter(pk=article.pk).first()
        SharedLink.objects.select_for_update().filter(pk=link.pk).first()
        current = fingerprint(Article.objects.for_page().get(pk=article.pk))
        form = AnswerForm(request.POST, link=link, current=current)
        if form.is_valid():
            _store(link, article, form.cleaned_data)
            return redirect(f"{request.path}#answers")
    # What is shown below the refusal is the text as it is now, and so is what the next press agrees to.
    form.data = form.data.copy()
    form.data["seen"] = current
    return _page(request, link, Article.objects.for_page().get(pk=article.pk), form)


def _store(link: SharedLink, article: Article, given: dict[str, str]) -> None:
    answer, is_new = Answer.objects.get_or_create(link=link, **given)
    if not is_new:
        return  # the button was pressed twice
    words = (
        _("%(name)s, through a shared link")
        if answer.name == link.reader
        else _("%(name)s, through the link for %(reader)s")
    )
    person = words % {"name": answer.name, "reader": link.reader}
    workflow.note(
        article, answer.verdict, None, person=person, reason=answer.comment, next=article.next_of_id
    )
    notices.tell_of_answer(article, answer)


def answers_on(article: Article) -> list[Answer]:
    """The newest answers on this very draft or next version; `is_outdated`: the text has been changed since."""
    answers = list(Answer.objects.filter(link__draft=article).select_related("link")[:5])
    current = fingerprint(article) if answers else ""
    for answer in answers:
        answer.is_outdated = answer.seen != current
    return answers
