"""A story for machines: schema.org's NewsArticle and BreadcrumbList as JSON-LD. Asks the database for nothing."""

import json

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from .links import whole_address
from .models import Article
from .share_picture import of_story

# As in Django's json_script: no text of a story ends the element or begins another.
ESCAPES = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&\u2028\u2029"}
LONGEST_HEADLINE = 110  # characters; what search engines show


def json_ld(article: Article, identity) -> SafeString:
    graph = {
        "@context": "https://schema.org",
        "@graph": [news_article(article, identity), breadcrumb(article)],
    }
    text = json.dumps(graph, ensure_ascii=False).translate(ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308 escaped above


def news_article(article: Article, identity) -> dict:
    address = whole_address(article.get_absolute_url())
    publisher = {
        "@type": "NewsMediaOrganization",
        "name": identity.agency or identity.name,
        "url": whole_address(reverse("articles:home")),
    }
    if identity.emblem:
        publisher["logo"] = {"@type": "ImageObject", "url": whole_address(identity.emblem.url)}
    story = {
        "@type": "NewsArticle",
        "@id": address,
        "mainEntityOfPage": address,
        "url": address,
        "headline": shortened(article.headline),
        "inLanguage": article.language,
        "isAccessibleForFree": True,
        "articleSection": article.section.label,
        "datePublished": iso(article.visible_from),
        "dateModified": iso(article.changed_at),
        "author": authors(article) or [publisher],
        "publisher": publisher,
    }
    if article.lead:
        story["description"] = article.lead
    story["image"] = images(article, identity)
    if topics := [topic.label for topic in article.belongings.topics]:
        story["keywords"] = topics
    if corrections := article.shown_corrections:
        story["correction"] = [
            {"@type": "CorrectionComment", "text": row["text"], "datePublished": iso(row["made_at"])}
            for row in corrections
        ]
    return story


def authors(article: Article) -> list[dict]:
    """Each once, whatever the roles; a name and the page with the stories signed by it."""
    names = {byline.author_id: byline.author for byline in article.belongings.bylines}
    return [
        {"@type": "Person", "name": author.pen_name, "url": whole_address(author.get_absolute_url())}
        for author in names.values()
    ]


def images(article: Article, identity) -> list[dict]:
    shared = of_story(article, identity)
    pictures = {shared.url: shared}
    if photo := article.lead_photo:
        pictures |= {whole_address(each.url): each for each in (photo.wide_picture, photo.picture)}
    return [
        {"@type": "ImageObject", "url": url, "width": f"{picture.width} px", "height": f"{picture.height} px"}
        for url, picture in pictures.items()
    ]


def breadcrumb(article: Article) -> dict:
    steps = [(_("Home"), reverse("articles:home"))]
    if parent := article.section.parent:
        steps.append((parent.label, parent.get_absolute_url()))
    steps.append((article.section.label, article.section.get_absolute_url()))
    steps.append((article.headline, article.get_absolute_url()))
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": whole_address(path)}
            for position, (name, path) in enumerate(steps, 1)
        ],
    }


def shortened(headline: str) -> str:
    if len(headline) <= LONGEST_HEADLINE:
        return headline
    return headline[: LONGEST_HEADLINE - 1].rpartition(" ")[0] + "…"


def iso(moment) -> str:
    return localtime(moment).isoformat(timespec="seconds")
