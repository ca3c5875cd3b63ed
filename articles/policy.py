"""Who may do what with which story: the one place that decides. Lists, forms, steps and side doors all ask it."""

from enum import StrEnum

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q

from .models import Article, Assignment, NewsroomSettings, Section

Status = Article.Status
UNFINISHED = (Status.DRAFT, Status.RETURNED)


class Right(StrEnum):
    """What a step needs: OWN, to have begun the story; WRITE, that or to be an editor; REVIEW; PUBLISH."""

    OWN = "own"
    WRITE = "write"
    REVIEW = "review"
    PUBLISH = "publish"


def may(user, right: Right, article: Article) -> bool:
    """Whether the person has the right for this story, in its state and section."""
    if not user.is_active or not user.has_perm("articles.change_article") or not works_in(user, article):
        return False
    match right:
        case Right.OWN:
            return is_own(user, article)
        case Right.WRITE:
            return is_own(user, article) or user.has_perm("articles.review_article")
        case Right.REVIEW:
            return user.has_perm("articles.review_article")
        case Right.PUBLISH:
            return may_publish(user) and not (is_own(user, article) and NewsroomSettings.load().four_eyes)


def may_publish(user) -> bool:
    """Whether the person publishes at all."""
    return user.has_perm("articles.publish_article")


def may_view(user, article: Article) -> bool:
    """What visible() holds: one's own, what readers see, and for editors and publishers all of their sections."""
    return (
        user.has_perm("articles.view_article")
        and visible(user, Article.objects.filter(pk=article.pk)).exists()
    )


def may_edit(user, article: Article) -> bool:
    """The text itself. What readers see is never edited in place, what waits for review only by who reviews."""
    if article.status in UNFINISHED:
        return may(user, Right.WRITE, article)
    if article.status == Status.WITHDRAWN and Article.objects.filter(next_of=article).exists():
        return False  # its next version is written; two texts would overwrite each other
    return article.status in (Status.IN_REVIEW, Status.WITHDRAWN) and may(user, Right.REVIEW, article)


def may_begin_next(user, article: Article) -> bool:
    """Whether the person may write the next version of a published story."""
    return article.status == Status.PUBLISHED and may(user, Right.WRITE, article)


def may_see_versions(user, article: Article) -> bool:
    """Versions hold what readers never saw, so they are for those who write or edit the story."""
    return any(may(user, Right.WRITE, story) for story in (article, article.next_of) if story is not None)


def may_correct(user, article: Article) -> bool:
    """Whether the person may tell readers of a mistake in a story that they see, or saw until it expired."""
    return article.state_name in (Status.PUBLISHED, "expired") and may(user, Right.PUBLISH, article)


def may_share(user, article: Article) -> bool:
    """Who may work on what readers do not see yet may show it to somebody without an account."""
    is_unseen = article.status in (*UNFINISHED, Status.IN_REVIEW) or article.state_name == "scheduled"
    return is_unseen and may(user, Right.WRITE, article)


def visible(user, articles):
    """Of `articles`, a QuerySet, those the person may see in the admin."""
    if not user.has_perm("articles.view_article"):
        return articles.none()
    if not user.has_perm("articles.review_article"):
        return articles.filter(Q(created_by=user) | Q(status=Status.PUBLISHED))
    sections = sections_of(user)
    if sections is None:
        return articles
    # What readers see, everybody on the staff may: it is linked to, and learnt from.
    return articles.filter(Q(section__in=sections) | Q(created_by=user) | Q(status=Status.PUBLISHED))


def cared_for(user, articles):
    """Of `articles`, a QuerySet, those whose text is the person's to mend: one's own, an editor's sections'."""
    if not user.has_perm("articles.review_article"):
        return articles.filter(created_by=user)
    sections = sections_of(user)
    return articles if sections is None else articles.filter(Q(section__in=sections) | Q(created_by=user))


def waiting_for(user, articles):
    """Of `articles`, those in review that the person may return or publish."""
    if not (user.has_perm("articles.review_article") or may_publish(user)):
        return articles.none()
    sections = sections_of(user)
    waiting = articles.filter(status=Status.IN_REVIEW)
    if sections is not None:
        waiting = waiting.filter(section__in=sections)
    four_eyes = Exists(NewsroomSettings.objects.filter(four_eyes=True))
    return waiting.exclude(four_eyes, created_by=user)


def reviewers(article: Article):
    """The active people, a QuerySet, for whom the story is one of waiting_for()."""
    users = get_user_model().objects
    backend = "django.contrib.auth.backends.ModelBackend"
    entitled = [
        users.with_perm(f"articles.{right}", backend=backend).values("pk")
        for right in ("review_article", "publish_article")
    ]
    assigned = Assignment.sections.through.objects.filter(assignment__user=OuterRef("pk"))
    own = assigned.filter(section__in=[article.section_id, article.section.parent_id])
    people = users.filter(
        Q(is_superuser=True) | ~Exists(assigned) | Exists(own),
        Q(pk__in=entitled[0]) | Q(pk__in=entitled[1]),
        is_staff=True,
    )
    return people.exclude(pk=article.created_by_id) if NewsroomSettings.load().four_eyes else people


def sections_of(user) -> set[int] | None:
    """Ids of the sections in which the person works, those below them included; None for all. Asked once a request."""
    if not hasattr(user, "_sections_of_work"):
        own = Assignment.sections.through.objects.filter(assignment__user=user).values("section")
        rows = Section.objects.filter(Q(pk__in=own) | Q(parent__in=own)).order_by()
        found = set() if user.is_superuser else set(rows.values_list("pk", flat=True))
        user._sections_of_work = found or None
    return user._sections_of_work


def works_in(user, article: Article) -> bool:
    sections = sections_of(user)
    return sections is None or article.section_id is None or article.section_id in sections


def is_own(user, article: Article) -> bool:
    """A story that the person began, or whose next version."""
    return article.created_by_id == user.pk
