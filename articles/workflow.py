"""The steps of a story, from its draft to its withdrawal: which there are, and taking one."""

import logging
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from newsportal.audit.record import Kind as AuditKind
from newsportal.audit.record import record

from . import checking, notices, policy, similar, takedown, versions
from .models import Article, ArticleVersion, Correction, HistoryEntry
from .people import person_name

logger = logging.getLogger(__name__)
Status = Article.Status
Kind = ArticleVersion.Kind


class StepError(Exception):
    """The step cannot be taken; the text is a sentence for people."""


@dataclass(frozen=True)
class Step:
    name: str
    label: str
    sources: frozenset[str]
    target: str
    right: policy.Right
    needs_reason: bool = False
    is_for_next_versions: bool = True  # whether it fits the next version of a published story, too

    @property
    def leads_on(self) -> bool:
        """Towards the readers, and so the button to press next."""
        return self.target in (Status.IN_REVIEW, Status.PUBLISHED)


WRITE, REVIEW, PUBLISH = policy.Right.WRITE, policy.Right.REVIEW, policy.Right.PUBLISH
UNFINISHED = frozenset({Status.DRAFT, Status.RETURNED})
STEPS = {
    step.name: step
    for step in (
        Step("submit", gettext_lazy("Submit for review"), UNFINISHED, Status.IN_REVIEW, WRITE),
        Step("publish", gettext_lazy("Publish"), UNFINISHED | {Status.IN_REVIEW, Status.WITHDRAWN}, Status.PUBLISHED, PUBLISH),
        Step("return", gettext_lazy("Return"), frozenset({Status.IN_REVIEW}), Status.RETURNED, REVIEW, needs_reason=True),
        Step("take_back", gettext_lazy("Take back to edit"), frozenset({Status.IN_REVIEW}), Status.DRAFT, policy.Right.OWN),
        Step("withdraw", gettext_lazy("Withdraw"), frozenset({Status.PUBLISHED}), Status.WITHDRAWN, PUBLISH, needs_reason=True),
        Step("trash", gettext_lazy("Move to the trash"), UNFINISHED, Status.TRASHED, WRITE, is_for_next_versions=False),
        Step("restore", gettext_lazy("Restore from the trash"), frozenset({Status.TRASHED}), Status.DRAFT, WRITE),
    )
}  # fmt: skip


def steps_for(user, article: Article) -> list[Step]:
    """The steps this person may take now, the likeliest first."""
    steps = [
        step
        for step in STEPS.values()
        if article.status in step.sources
        and (step.is_for_next_versions or not article.next_of_id)
        and policy.may(user, step.right, article)
    ]
    # Whoever publishes has no one to submit to: publishing comes first.
    return sorted(steps, key=lambda step: step.name != "publish")


def take(step: Step, article: Article, *, user, reason: str = "", as_of: str = "") -> Article:
    """Moves the saved story on and returns it; of a next version that is published, the story that readers see.

    Holds the row meanwhile. `as_of` is the time of the save that the person saw. Raises StepError when the
    story has been changed since, is gone, or the step is no longer this person's to take.
    """
    with transaction.atomic():
        current = _hold(article, as_of)
        _check(step, current, user, reason)
        before, is_next = current.status, current.next_of_id is not None
        if step.target == Status.PUBLISHED:
            moved = _publish(current, user)
            transaction.on_commit(partial(similar.note, [moved.pk]), robust=True)
        else:
            moved = current
            moved.status = step.target
            moved.withdrawal_reason = reason
            moved.save(update_fields=["status", "withdrawal_reason", "modified_at"])
            if step.target == Status.WITHDRAWN:
                mark = takedown.mark_of_story(moved.pk)
                transaction.on_commit(partial(takedown.note, mark), robust=True)
        if step.name == "submit":
            versions.record(moved, Kind.SUBMITTED, user)
        name = "schedule" if step.name == "publish" and moved.state_name == "scheduled" else step.name
        note(moved, name, user, before=before, after=moved.status, reason=reason, next=current.next_of_id)
        notices.tell(step.name, moved, writer=current.created_by_id, by=user, reason=reason, is_next=is_next)
    return moved


def _hold(article: Article, as_of: str) -> Article:
    """The story as it is saved, its row held; `as_of` is the time of the save that the person saw."""
    # With the published story of a next version, in the order in which a photo's removal holds its stories.
    held = Article.objects.select_for_update(of=("self",)).filter(
        Q(pk=article.pk) | Q(next_version=article.pk)
    )
    current = {story.pk: story for story in held.order_by("pk")}.get(article.pk)
    if current is None:
        raise StepError(_("This story is no longer there. Look for it in the list; its history is kept."))
    if as_of and current.modified_at.isoformat() != as_of:
        raise StepError(
            _("Somebody saved this story after you had opened it. Look at it again, then take the step.")
        )
    return current


def _check(step: Step, current: Article, user, reason: str) -> None:
    if step not in steps_for(user, current):
        raise StepError(_("You cannot take this step with this story now. Load the page again."))
    if step.needs_reason and not reason.strip():
        raise StepError(_("Give a reason: the others see it beside the story."))
    if step.target == Status.PUBLISHED and (sentences := checking.blocking(checking.points(current))):
        raise StepError(_("Not published yet: %(points)s") % {"points": " ".join(sentences)})


def _publish(current: Article, user) -> Article:
    """Puts the story, or its next version, before the readers; without a time, now."""
    if current.next_of_id:
        live = versions.publish_next(current)
    else:
        live = current
        live.status = Status.PUBLISHED
        live.published_at = live.published_at or timezone.now()
        live.save(update_fields=["status", "published_at", "modified_at"])
    versions.record(live, Kind.PUBLISHED, user)
    return live


def discard_next(following: Article, *, user) -> Article:
    """Gives the next version up; what was written stays among the versions of the published story.

    Raises StepError when it has been published, given up or sent on meanwhile.
    """
    with transaction.atomic():
        current = _hold(following, "")
        if not (current.next_of_id and policy.may_edit(user, current)):
            raise StepError(_("You cannot take this step with this story now. Load the page again."))
        live = current.next_of
        versions.record(current, Kind.DISCARDED, user)
        note(current, "discard", user, before=current.status, after="", next=live.pk)
        current.delete()
    return live


def bring_back(
    version: ArticleVersion, article: Article, *, user, as_of: str = ""
) -> tuple[Article, list[str]]:
    """Puts the words of an older version into the story, of a published one into its next version.

    Returns the row that was changed and sentences on what could not come back. What stood there before is kept
    as a version, too. Raises StepError.
    """
    with transaction.atomic():
        target = _hold(article, as_of)
        if policy.may_begin_next(user, target):
            if Article.objects.filter(next_of=target).exists():
                raise StepError(
                    _("Somebody has begun the next version meanwhile. Look at it, then choose again.")
                )
            target = versions.begin_next(target, user)
        if not policy.may_edit(user, target):
            raise StepError(_("You cannot take this step with this story now. Load the page again."))
        versions.record(target, Kind.SAVED, user)
        content, left_out = version.content, []
        if not policy.works_in(user, Article(section_id=content.get("section"))):
            content = content | {"section": target.section_id}
            left_out = [_("You do not work in its section; the story stays in its present one.")]
        left_out += versions.put_words(content, target)
        time = date_format(timezone.localtime(version.made_at), "SHORT_DATETIME_FORMAT")
        name = _("Version of %(time)s") % {"time": time}
        versions.record(target, Kind.RESTORED, user, name=name)
        note(
            target,
            "restore_version",
            user,
            before=target.status,
            after=target.status,
            reason=name,
            next=target.next_of_id,
        )
    return target, left_out


def correct(article: Article, text: str, *, user) -> Correction:
    """Tells readers of a mistake; the same words again, as from a form sent twice, make no second one."""
    with transaction.atomic():
        current = _hold(article, "")
        if not policy.may_correct(user, current):
            raise StepError(_("You cannot take this step with this story now. Load the page again."))
        correction, is_new = Correction.objects.get_or_create(
            article=current, text=text, defaults={"made_by": user}
        )
        if is_new:
            current.save(update_fields=["touched_at"])
            note(current, "correct", user, reason=text)
    return correction


def remove_correction(correction: Correction, *, user) -> None:
    """Its words stay in the history."""
    with transaction.atomic():
        current = _hold(correction.article, "")
        if not policy.may_correct(user, current):
            raise StepError(_("You cannot take this step with this story now. Load the page again."))
        if Correction.objects.filter(pk=correction.pk).delete()[0]:
            current.save(update_fields=["touched_at"])
            note(current, "remove_correction", user, reason=correction.text)


def note(
    article: Article, step: str, user, *, before="", after="", reason="", next=None, person=""
) -> HistoryEntry:
    """An entry that stays for good, whatever becomes of the story and the person; `person` is one without account."""
    logger.info("Story %s: %s by %s, %s to %s", article.root_id, step, user or "an outsider", before, after)
    entry = HistoryEntry.objects.create(
        story_id=article.root_id,
        headline=article.headline,
        user=user,
        person=person_name(user) if user else person,
        step=step,
        from_status=before,
        to_status=after,
        is_next_version=next is not None,
        reason=reason.strip(),
    )
    if user:
        times = f"{_times(article)}." if after == Status.PUBLISHED else ""
        _record(article, user, ". ".join(filter(None, [str(entry.label), times, entry.reason])))
    return entry


def note_times(article: Article, user) -> None:
    """Somebody has set when readers see the story, or no longer see it."""
    _record(article, user, _times(article))


def _record(article: Article, user, detail: str) -> None:
    record(AuditKind.STORY, user, Article(pk=article.root_id), detail, name=article.headline)


def _times(article: Article) -> str:
    """The times that are set, by the names of their fields."""
    moments = [(name, getattr(article, name)) for name in versions.TIMES]
    return "; ".join(
        f"{capfirst(Article._meta.get_field(name).verbose_name)}: "
        + (date_format(timezone.localtime(moment), "d/m/Y H:i") if moment else "–")
        for name, moment in moments
    )
