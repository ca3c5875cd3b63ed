"""Who may do what with which story: the one place that decides. Lists, forms, steps and side doors all ask it."""

from enum import StrEnum

from django.db.models import Q

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
    """Writers see their own stories and what readers see; editors and publishers those of their sections."""
    return (
        user.has_perm("articles.view_article")
        and visible(user, Article.objects.filter(pk=article.pk)).exists()
    )


def may_edit(user, article: Article) -> bool:
    """The text itself. What readers see is never edited in place, what waits for review only by who reviews."""
    if article.status in UNFINISHED:
        return may(user, Right.WRITE, article)
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


def visible(user, articles):
    """Of `articles`, a QuerySet, those the person may see in the admin."""
    if not user.has_perm("articles.view_article"):
        return articles.none()
    if not user.has_perm("articles.review_article"):
        return articles.filter(Q(created_by=user) | Q(status=Status.PUBLISHED))
    sections = sections_of(user)
    return articles if sections is None else articles.filter(Q(section__in=sections) | Q(created_by=user))


def sections_of(user) -> set[int] | None:
    """Ids of the sections in which the person works, those below them included; None for all. Asked once a request."""
    if not hasattr(user, "_sections_of_work"):
        own = set(
            Assignment.sections.through.objects.filter(assignment__user=user).values_list(
                "section", flat=True
            )
        )
        below = set(Section.objects.filter(parent__in=own).values_list("pk", flat=True)) if own else set()
        user._sections_of_work = None if user.is_superuser or not own else own | below
    return user._sections_of_work


def works_in(user, article: Article) -> bool:
    sections = sections_of(user)
    return sections is None or article.section_id is None or article.section_id in sections


def is_own(user, article: Article) -> bool:
    """A story that the person began, or whose next version."""
    return article.created_by_id == user.pk
