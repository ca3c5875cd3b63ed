"""Rights as a newsroom speaks of them: each stands for the permissions of Django that it takes."""

from dataclasses import dataclass

from django.contrib.auth.models import Permission
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Bundle:
    """A right that is ticked as one; `permissions` are "app.codename"."""

    name: str
    label: str
    permissions: frozenset[str]


def permissions(app: str, models: str, actions: str = "view add change delete") -> set[str]:
    return {f"{app}.{action}_{model}" for model in models.split() for action in actions.split()}


STORY_ROWS = "byline attachment relatedlink"
BUNDLES = [
    Bundle(
        "write",
        _("Write stories of one's own: photos, authors, import from Word, submitting"),
        frozenset(
            permissions("articles", f"article {STORY_ROWS}")
            | permissions("articles", "photo", "view add change")
            | permissions("articles", "author", "view add")
            | permissions("articles", "section topic", "view")
        ),
    ),
    Bundle(
        "review",
        _("Edit and return the stories of others"),
        frozenset(
            {"articles.review_article", "articles.view_historyentry", "articles.delete_photo"}
            | permissions("articles", "author", "change")
            | permissions("articles", "topic", "add change")
        ),
    ),
    Bundle(
        "publish",
        _("Publish, schedule and withdraw stories; take photos out on request"),
        frozenset({"articles.publish_article"}),
    ),
    Bundle("sections", _("Sections"), frozenset(permissions("articles", "section"))),
    Bundle(
        "newsroom",
        _("Newsroom settings"),
        frozenset(permissions("articles", "newsroomsettings", "view change")),
    ),
    Bundle(
        "authorship",
        _("See who wrote what, and the royalties"),
        frozenset({"articles.view_authorship"}),
    ),
    Bundle("rates", _("Royalty rates"), frozenset(permissions("articles", "royaltyrate"))),
    Bundle(
        "figures",
        _("See the visit statistics"),
        frozenset(permissions("visitors", "day note gap importedtotal", "view")),
    ),
    Bundle(
        "figure_notes",
        _("Write notes on days into the visit statistics"),
        frozenset(permissions("visitors", "note", "add change delete")),
    ),
    Bundle(
        "site",
        _("Site identity, website links and pages"),
        frozenset(
            permissions("newsportal", "siteidentity", "view add change")
            | permissions("newsportal", "linkgroup websitelink")
            | permissions("flatpages", "flatpage")
        ),
    ),
    Bundle(
        "people",
        _("Accounts of staff: groups, sections, locking"),
        frozenset(permissions("auth", "user", "view add change")),
    ),
    Bundle(
        "audit",
        _("See the state of the system; read and export the audit log"),
        frozenset({"newsportal.view_auditentry"}),
    ),
]


def held(group) -> list[str]:
    """Names of the rights of which the group has every permission."""
    has = {
        f"{app}.{codename}"
        for app, codename in group.permissions.values_list("content_type__app_label", "codename")
    }
    return [bundle.name for bundle in BUNDLES if bundle.permissions <= has]


def give(group, names) -> None:
    """The rights that were ticked and no other of BUNDLES; permissions that are in none of them stay."""
    chosen = set().union(*(bundle.permissions for bundle in BUNDLES if bundle.name in names))
    known = set().union(*(bundle.permissions for bundle in BUNDLES))
    group.permissions.remove(*_rows(known - chosen))
    group.permissions.add(*_rows(chosen))


def _rows(labels):
    wanted = Q(pk__in=[])
    for label in labels:
        app, codename = label.split(".")
        wanted |= Q(content_type__app_label=app, codename=codename)
    return Permission.objects.filter(wanted)
