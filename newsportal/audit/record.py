"""The one way into the audit log, called at the doors where things are done."""

import logging
from functools import partial

from allauth.core import context
from django.contrib.auth.models import AnonymousUser, User
from django.db import models, transaction

from articles.people import person_name
from newsportal.client_address import client_address

from .models import AuditEntry

logger = logging.getLogger("newsportal.audit")

Kind = AuditEntry.Kind
SERVER = "server"  # whoever works on its command line
LONGEST = 2000  # characters of what was done


def record(
    kind: Kind,
    actor: User | str | None,
    about: models.Model | str = "",
    detail: str = "",
    *,
    name: str | None = None,
) -> None:
    """Belongs to the transaction of what was done: both are stored, or neither.

    The address is that of the request under way, `name` what is kept of a thing whose own name may have to go.
    The chain is closed by the database with the commit.
    """
    request = context.request
    entry = AuditEntry(
        kind=kind,
        address=client_address(request.META) if request else "",
        about=(str(about) if name is None else name)[:300],
        detail=detail[:LONGEST],
        **_who(actor),
    )
    if isinstance(about, models.Model):
        entry.about_type, entry.about_id = about._meta.label_lower, str(about.pk)
    for field in ("actor", "about", "detail"):
        setattr(entry, field, getattr(entry, field).replace("\0", ""))  # which PostgreSQL does not take
    entry.save(force_insert=True)
    # A copy outside of the database, which whoever changes the table does not reach.
    transaction.on_commit(partial(_tell, entry), robust=True)


def _who(actor) -> dict:
    if isinstance(actor, AnonymousUser) or not actor:
        return {}
    if isinstance(actor, str):
        return {"actor": actor}
    name, login = person_name(actor), actor.get_username()
    return {"account": actor.pk, "actor": login if name == login else f"{login} ({name})"}


def _tell(entry: AuditEntry) -> None:
    names = ("id", "kind", "account", "actor", "address", "about_type", "about_id", "about", "detail")
    logger.info("Audit: %s", entry.kind, extra={"entry": {name: getattr(entry, name) for name in names}})
