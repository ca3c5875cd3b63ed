"""Older versions of a story: list, page, comparison, names, bringing one back."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from articles import compare, policy, version_text, versions, workflow
from articles.beside import beside, common_to
from articles.models import Article, ArticleVersion

Kind = ArticleVersion.Kind
# What can be compared beside the versions, as the address names it: the saved story and its next version.
STORY, NEXT = "story", "next"


class StoryVersions:
    """For the ModelAdmin of stories."""

    def get_urls(self):
        def view(function):
            return never_cache(self.admin_site.admin_view(function))

        one = "<int:id>/versions/<int:version_id>"
        return [
            path("<int:id>/versions/", view(self.versions_view), name="articles_article_versions"),
            path("<int:id>/compare/", view(self.compare_view), name="articles_article_compare"),
            path(f"{one}/", view(self.version_view), name="articles_article_version"),
            path(
                f"{one}/name/",
                view(require_POST(self.name_version_view)),
                name="articles_article_name_version",
            ),
            path(
                f"{one}/bring-back/",
                view(require_POST(self.bring_back_view)),
                name="articles_article_bring_back",
            ),
            *super().get_urls(),
        ]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None and policy.may_see_versions(request.user, obj):
            context |= {"version_links": version_links(obj)}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def versions_view(self, request, id):
        article = self._versioned(request, id)
        root, following = both(article)
        found = ArticleVersion.objects.of(article).select_related("made_by").defer("content")
        context = {
            **self._version_context(request, article, gettext("Versions")),
            "versions": found,
            "saved": [
                {"key": key, "story": story, "label": story_label(story)}
                for key, story in ((NEXT, following), (STORY, root))
                if story
            ],
        }
        return TemplateResponse(request, "admin/articles/article/versions.html", context)

    def compare_view(self, request, id):
        article = self._versioned(request, id)
        old, new = (self._side(article, request.GET.get(name, "")) for name in ("old", "new"))
        before, after = version_text.described(old["content"], new["content"])
        compared = [(label, compare.stretches(before[label], after[label])) for label in after]
        context = {
            **self._version_context(request, article, gettext("Comparison of versions")),
            "old": old,
            "new": new,
            "sides": [
                (old, pgettext("side of a comparison", "Old")),
                (new, pgettext("side of a comparison", "New")),
            ],
            "changed": [(label, found) for label, found in compared if compare.is_changed(found)],
            "unchanged": [label for label, found in compared if not compare.is_changed(found)],
            "thumbnails": version_text.thumbnails([before, after]),
        }
        return TemplateResponse(request, "admin/articles/article/compare.html", context)

    def version_view(self, request, id, version_id):
        """The version in the real template, for those who write the story."""
        article = self._versioned(request, id)
        version = self._version(article, version_id)
        root, _following = both(article)
        story = versions.as_story(version.content, root)
        context = {
            "article": story,
            "beside": beside(story, common_to(story)),
            "version": version,
            "back_to": article,
        }
        response = render(request, "admin/articles/article/version.html", context)
        response["X-Robots-Tag"] = "noindex"
        return response

    def name_version_view(self, request, id, version_id):
        article = self._versioned(request, id)
        version = self._version(article, version_id)
        length = ArticleVersion._meta.get_field("name").max_length
        version.name = request.POST.get("name", "").strip()[:length]
        version.save(update_fields=["name"])
        return redirect("admin:articles_article_versions", article.pk)

    def bring_back_view(self, request, id, version_id):
        """Puts an older version into the story; of a published one into its next version."""
        article = self._versioned(request, id)
        version = self._version(article, version_id)
        try:
            story, left_out = workflow.bring_back(
                version, article, user=request.user, as_of=request.POST.get("as_of", "")
            )
        except workflow.StepError as error:
            messages.error(request, str(error))
            return redirect("admin:articles_article_versions", article.pk)
        self.log_change(request, story, gettext("Brought an older version back."))
        sentence = gettext("The older version is in the form again. Look it through, then go on as usual.")
        if story.pk != article.pk:
            sentence = gettext(
                "The older version is the story's next version now. Readers see no change until you publish it."
            )
        messages.success(request, sentence)
        for sentence in left_out:
            messages.warning(request, sentence)
        return redirect("admin:articles_article_change", story.pk)

    def _versioned(self, request, id) -> Article:
        article = self._seen(request, id)
        if not policy.may_see_versions(request.user, article):
            raise PermissionDenied
        return article

    def _version(self, article: Article, id) -> ArticleVersion:
        return get_object_or_404(ArticleVersion.objects.of(article).select_related("made_by"), pk=id)

    def _side(self, article: Article, key: str) -> dict:
        """One side of the comparison: its content and what it is."""
        root, following = both(article)
        stories = {STORY: root, NEXT: following}
        if story := stories.get(key):
            label = story_label(story)
            return {"key": key, "content": versions.content_of(story), "label": label, "version": None}
        if not (key.isascii() and key.isdigit() and len(key) < 16):
            raise Http404
        version = self._version(article, int(key))
        return {"key": key, "content": version.content, "label": str(version), "version": version}

    def _version_context(self, request, article, title) -> dict:
        root, following = both(article)
        target = following or root
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "article": article,
            "following": following,
            "target": target,
            "may_bring_back": policy.may_edit(request.user, target)
            or policy.may_begin_next(request.user, target),
        }


def both(article: Article) -> tuple[Article, Article | None]:
    """The story that keeps its number, and its next version."""
    if article.next_of is not None:
        return article.next_of, article
    return article, Article.objects.filter(next_of=article).first()


def story_label(story: Article) -> str:
    if story.next_of_id:
        return gettext("The next version, as it is saved now")
    if story.status == Article.Status.PUBLISHED:
        return gettext("The published story")
    return gettext("The story as it is saved now")


def version_links(article: Article) -> list[tuple[str, str]]:
    """What the form offers: all versions, and the comparisons most asked for."""
    found = list(ArticleVersion.objects.of(article).values_list("pk", "kind"))
    links = [
        (
            gettext("Versions (%(count)s)") % {"count": len(found)},
            reverse("admin:articles_article_versions", args=[article.pk]),
        )
    ]
    this = NEXT if article.next_of_id else STORY
    address = reverse("admin:articles_article_compare", args=[article.pk])
    if article.next_of_id:
        links.append((gettext("Compare with the published story"), f"{address}?old={STORY}&new={NEXT}"))
    if submission := last_submission(article, found):
        links.append(
            (gettext("Compare with what was submitted before"), f"{address}?old={submission}&new={this}")
        )
    return links


def last_submission(article: Article, found: list[tuple[int, str]]) -> int | None:
    """Of versions, newest first: the submission before, since the last publication.

    In review the newest one is what waits now, so the one before it tells what changed.
    """
    submissions = []
    for pk, kind in found:
        if kind == Kind.PUBLISHED:
            break
        if kind == Kind.SUBMITTED:
            submissions.append(pk)
    earlier = submissions[1:] if article.status == Article.Status.IN_REVIEW else submissions
    return (
        earlier[0] if earlier and article.status in (*policy.UNFINISHED, Article.Status.IN_REVIEW) else None
    )
