"""Looks up what the checks of articles/readiness.py need: for one story, a form, or many stories at once."""

import re
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.db.models.functions import Length, Substr
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from . import body, links, readiness
from .fold import fold
from .models import Article, Byline, NewsroomSettings, Photo
from .readiness import Draft, Namesake, PhotoFacts, Point, Surroundings, Text

SAME_HEADLINE_WITHIN = timedelta(days=30)


def points(article: Article) -> list[Point]:
    """What is to be done with the saved story; five queries."""
    return points_of([article])[0]


def points_of(articles: list[Article]) -> list[list[Point]]:
    """Of each story its points; five queries, however many stories."""
    signed = dict(
        Byline.objects.filter(article__in=articles)
        .order_by()
        .values_list("article")
        .annotate(count=Count("pk"))
    )
    return _check([_draft(article, signed.get(article.pk, 0)) for article in articles])


def points_in_form(form) -> list[Point]:
    """Of what stands in a form that was sent, valid or not, its rows of bylines included; saves nothing."""
    times = {name: _cleaned(form, name) for name in ("published_at", "expires_at", "embargo_until")}
    draft = Draft(
        headline=_one_line(_cleaned(form, "headline")),
        lead=_one_line(_cleaned(form, "lead")),
        kicker=_one_line(_cleaned(form, "kicker")),
        body=body.clean(_raw(form, "body") or "") if "body" in form.fields else "",
        has_section=bool(_cleaned(form, "section")),
        signatures=_signatures(form.data),
        lead_photo=getattr(_cleaned(form, "lead_photo"), "pk", None),
        story=form.instance.pk and form.instance.root_id,
        **times,
    )
    return _check([draft])[0]


def blocking(points: list[Point]) -> list[str]:
    return [point.sentence for point in points if point.blocks]


def summary(points: list[Point]) -> str:
    """ "2 block, 1 to look at", as people say it; empty when there is nothing to do."""
    blocks = sum(point.blocks for point in points)
    warnings = len(points) - blocks
    parts = []
    if blocks:
        parts.append(ngettext("%(count)s blocks", "%(count)s block", blocks) % {"count": blocks})
    if warnings:
        parts.append(ngettext("%(count)s to look at", "%(count)s to look at", warnings) % {"count": warnings})
    return ", ".join(parts) or gettext("Nothing to mend")


def _check(drafts: list[Draft]) -> list[list[Point]]:
    texts = [Text(draft, links.story_id) for draft in drafts]
    photos = {id for text in texts for _img, id in text.photos} | {text.lead_photo for text in texts} - {None}
    linked = {id for text in texts for _words, _href, id in text.links if id}
    around = Surroundings(
        now=timezone.now(),
        photos={
            id: PhotoFacts(width, is_decorative)
            for id, width, is_decorative in Photo.objects.present()
            .filter(pk__in=photos)
            .values_list("pk", "width", "is_decorative")
        },
        public=frozenset(Article.objects.published().filter(pk__in=linked).values_list("pk", flat=True)),
        namesakes=_namesakes({fold(draft.headline) for draft in drafts if draft.headline}),
    )
    levels = NewsroomSettings.load().check_levels
    return [readiness.points(text, around, levels) for text in texts]


def _namesakes(headlines: set[str]) -> dict[str, list[Namesake]]:
    """By their folded headlines, the stories of the last days and those that are being written.

    `folded` begins with kicker and headline, and folding keeps lengths.
    """
    found: dict[str, list[Namesake]] = {}
    rows = (
        Article.objects.filter(
            Q(
                status=Article.Status.PUBLISHED,
                published_at__gte=timezone.now() - SAME_HEADLINE_WITHIN,
            )
            | Q(status__in=Article.UNDER_WAY, next_of=None)
        )
        .annotate(headline_folded=Substr("folded", Length("kicker") + 2, Length("headline")))
        .filter(headline_folded__in=headlines)
        .order_by("-pk")
        .values_list("headline_folded", "pk", "published_at", "status")
    )
    for headline, pk, published_at, status in rows:
        is_public = status == Article.Status.PUBLISHED
        found.setdefault(headline, []).append(Namesake(pk, published_at if is_public else None))
    return found


def _draft(article: Article, signatures: int) -> Draft:
    return Draft(
        headline=article.headline,
        lead=article.lead,
        kicker=article.kicker,
        body=article.body,
        signatures=signatures,
        lead_photo=article.lead_photo_id,
        published_at=article.published_at,
        expires_at=article.expires_at,
        embargo_until=article.embargo_until,
        story=article.root_id,
    )


def _raw(form, name: str):
    return form.fields[name].widget.value_from_datadict(form.data, form.files, form.add_prefix(name))


def _cleaned(form, name: str):
    """The field's value, None while it cannot be one; of a field that the person does not see, the stored one."""
    if name not in form.fields:
        return getattr(form.instance, name, None)
    try:
        return form.fields[name].clean(_raw(form, name))
    except ValidationError:
        return None


def _one_line(words: str | None) -> str:
    return " ".join((words or "").split())


def _signatures(data) -> int:
    """How many rows of bylines name somebody and are not ticked for deletion."""
    return sum(
        1
        for name, value in data.items()
        if value
        and (match := re.fullmatch(r"(bylines-\d+)-author", name))
        and not data.get(f"{match[1]}-DELETE")
    )
