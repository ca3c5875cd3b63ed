"""Who may do which step with a story, and the steps."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .models import Article

Status = Article.Status


@dataclass(frozen=True)
class Step:
    name: str
    label: str
    sources: frozenset[str]
    target: str
    needs_publishing_right: bool = False

    @property
    def leads_on(self) -> bool:
        """Towards the readers, and so the button to press next."""
        return self.target in (Status.IN_REVIEW, Status.PUBLISHED)


STEPS = {
    step.name: step
    for step in (
        Step("submit", _("Submit for review"), frozenset({Status.DRAFT}), Status.IN_REVIEW),
        Step("publish", _("Publish"), frozenset({Status.DRAFT, Status.IN_REVIEW, Status.WITHDRAWN}), Status.PUBLISHED, True),
        Step("return", _("Return to draft"), frozenset({Status.IN_REVIEW}), Status.DRAFT),
        Step("withdraw", _("Withdraw"), frozenset({Status.PUBLISHED}), Status.WITHDRAWN, True),
    )
}  # fmt: skip


def may_publish(user) -> bool:
    return user.has_perm("articles.publish_article")


def may_change(user, article: Article) -> bool:
    """Publishers change every story; writers their own until it is public."""
    if not user.has_perm("articles.change_article"):
        return False
    return may_publish(user) or (
        article.created_by_id == user.pk and article.status in (Status.DRAFT, Status.IN_REVIEW)
    )


def steps_for(user, article: Article) -> list[Step]:
    """The steps this person may take now, the likeliest first."""
    publisher = may_publish(user)
    steps = [
        step
        for step in STEPS.values()
        if article.status in step.sources and (publisher or not step.needs_publishing_right)
    ]
    # Whoever publishes has no one to submit to: publishing comes first.
    return sorted(steps, key=lambda step: step.needs_publishing_right, reverse=publisher)


def take(step: Step, article: Article) -> None:
    """Moves the unsaved story on; a first publication without a time is published now."""
    article.status = step.target
    if step.target == Status.PUBLISHED and article.published_at is None:
        article.published_at = timezone.now()
