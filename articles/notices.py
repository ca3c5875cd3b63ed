"""Tells people what became of stories: in the admin at once, by mail soon after the commit.

A mail server that is away never hurts a step. Mails wait in their rows; whoever sends holds the row meanwhile, so
that of several processes and machines one does.
"""

import logging
import threading
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import Error, connection, transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from newsportal.models import AccountLanguage

from . import policy
from .models import Answer, Article, Notice
from .people import person_name

logger = logging.getLogger(__name__)
Kind, Mail = Notice.Kind, Notice.Mail

ATTEMPTS = 5
MAILED_WITHIN = timedelta(days=1)  # later it is no news any more
_sending = threading.Lock()


def tell(step: str, article: Article, *, writer: int | None, by, reason: str, is_next: bool) -> None:
    """Leaves a notice for all whom the step concerns, but not for who took it; four queries at the most."""
    people = get_user_model().objects.filter(is_active=True).exclude(pk=by.pk)
    if step == "submit":
        kind, people = Kind.SUBMITTED, policy.reviewers(article).exclude(pk=by.pk)
    elif step in (Kind.RETURNED, Kind.PUBLISHED, Kind.WITHDRAWN):
        kind, people = Kind(step), people.filter(pk=writer)
    else:
        return
    if kind == Kind.PUBLISHED and article.state_name == "scheduled":
        kind = Kind.SCHEDULED
    _leave(kind, people, article, person=person_name(by), reason=reason, is_next=is_next)


def tell_of_answer(article: Article, answer: Answer) -> None:
    """Whoever wrote the story and whoever shared it learn what its outside reader answered."""
    people = get_user_model().objects.filter(
        is_active=True, pk__in=[article.created_by_id, answer.link.made_by_id]
    )
    kind = Kind.APPROVED if answer.verdict == Answer.Verdict.APPROVED else Kind.COMMENTED
    is_next = article.next_of_id is not None
    _leave(kind, people, article, person=answer.name, reason=answer.comment, is_next=is_next)


def _leave(
    kind: Kind, people: QuerySet, article: Article, *, person: str, reason: str, is_next: bool
) -> None:
    rows = [
        Notice(
            user=user,
            kind=kind,
            story_id=article.root_id,
            is_next_version=is_next,
            headline=article.headline,
            person=person,
            reason=reason.strip(),
            due_at=article.visible_from if kind == Kind.SCHEDULED else None,
            mail=Mail.WAITS if user.email and gets_mail(user) else Mail.NONE,
        )
        for user in people.select_related("assignment")
    ]
    Notice.objects.bulk_create(rows)
    if settings.NOTICES_MAIL_AT_ONCE and any(row.mail == Mail.WAITS for row in rows):
        transaction.on_commit(send_in_background)


def gets_mail(user) -> bool:
    """Unless the person said no."""
    assignment = getattr(user, "assignment", None)
    return assignment is None or assignment.gets_mail


def address(notice: Notice) -> str:
    """Where the notice leads: to the story in the admin, marking it read."""
    return reverse("admin:notice", args=[notice.pk])


def send_in_background() -> None:
    threading.Thread(target=_send_all, name="notices", daemon=True).start()


def _send_all() -> None:
    # One of the process's threads sends; another one's notice is found by it, or by the next.
    with _sending:
        try:
            send_waiting()
        except Error:
            logger.exception("Notices cannot be sent; they wait.")
        finally:
            connection.close()


def send_waiting() -> tuple[int, int]:
    """Sends the mails that wait, once each whoever else sends; how many went out, and how many failed."""
    Notice.objects.outdated().delete()
    waiting = Notice.objects.filter(mail=Mail.WAITS, at__gte=timezone.now() - MAILED_WITHIN)
    if not waiting.exists():
        return 0, 0
    sent = failed = last = 0
    server = get_connection()
    try:
        server.open()
    except OSError as error:
        logger.warning("The mail server is away, notices wait: %s", error)
        return 0, waiting.count()
    try:
        while (outcome := _send_next(waiting.filter(pk__gt=last), server)) is not None:
            last, was_sent = outcome
            sent += was_sent
            failed += not was_sent
    finally:
        server.close()
    return sent, failed


def _send_next(waiting: QuerySet[Notice], server) -> tuple[int, bool] | None:
    """Sends the first that nobody else is sending; its number, and whether it went out."""
    with transaction.atomic():
        notice = (
            waiting.select_for_update(skip_locked=True, of=["self"])
            .select_related("user__language_choice")
            .order_by("pk")
            .first()
        )
        if notice is None:
            return None
        notice.mail_attempts += 1
        try:
            _mail(notice, server).send()
        except (OSError, ValueError) as error:  # a refusal, or an address that is none
            logger.warning("Notice %s was not mailed: %s", notice.pk, error)
            notice.mail = Mail.FAILED if notice.mail_attempts >= ATTEMPTS else Mail.WAITS
        else:
            notice.mail = Mail.SENT
        notice.save(update_fields=["mail", "mail_attempts"])
        return notice.pk, notice.mail == Mail.SENT


def _mail(notice: Notice, server) -> EmailMultiAlternatives:
    """In the language in which its reader works."""
    with override(AccountLanguage.of(notice.user)):
        return _message(notice, server)


def _message(notice: Notice, server) -> EmailMultiAlternatives:
    context = {"notice": notice, "address": f"{settings.SITE_URL}{address(notice)}"}
    subject = _("%(headline)s: %(happened)s") % {
        "headline": " ".join(notice.headline.split()),
        "happened": notice.get_kind_display(),
    }
    message = EmailMultiAlternatives(
        subject,
        render_to_string("articles/mail/notice.txt", context),
        settings.DEFAULT_FROM_EMAIL,
        [notice.user.email],
        connection=server,
    )
    message.attach_alternative(render_to_string("articles/mail/notice.html", context), "text/html")
    return message
