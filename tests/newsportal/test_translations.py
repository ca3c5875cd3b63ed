"""Every string that people see has a Vietnamese one; needs no gettext programs."""

import io
import re
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po
from django.utils.translation import templatize

ROOT = Path(__file__).parent.parent.parent
CODE = ["newsportal", "articles", "visitors"]
# Django's names for gettext's functions; the numbers tell which argument is what.
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
}
# A call in what Django makes of a template; the rest is filler that is no Python.
CALL = re.compile(
    r"""\b(?:_|n?p?gettext)\((?:\s*u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")\s*,?|\s*count\s*)+\)"""
)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}")


def sources():
    yield (ROOT / "manage.py").read_text()
    for folder in CODE:
        for path in (ROOT / folder).rglob("*.py"):
            if "migrations" not in path.parts:
                yield path.read_text()
    for path in (ROOT / "templates").rglob("*.[ht]*"):
        yield "\n".join(CALL.findall(templatize(path.read_text(), origin=str(path))))


def used_messages():
    for source in sources():
        for _line, message, _comments, context in extract("python", io.BytesIO(source.encode()), KEYWORDS):
            yield context, message if isinstance(message, str) else message[0]


def read(language):
    with (ROOT / f"locale/{language}/LC_MESSAGES/django.po").open("rb") as file:
        return read_po(file, locale=language)


@pytest.fixture(scope="module")
def catalogue():
    return read("vi")


def test_every_string_has_a_vietnamese_one(catalogue):
    missing = set()
    for context, message in used_messages():
        entry = catalogue.get(message, context)
        if message and (entry is None or entry.fuzzy or not any(entry.string)):
            missing.add((context, message))

    assert not missing


def test_placeholders_are_kept(catalogue):
    for entry in catalogue:
        message = entry.id if isinstance(entry.id, str) else entry.id[0]
        string = entry.string if isinstance(entry.string, str) else entry.string[0]
        assert set(PLACEHOLDER.findall(message)) == set(PLACEHOLDER.findall(string)), message


def test_no_string_is_left_over(catalogue):
    used = set(used_messages())

    left_over = {
        (entry.context, entry.id if isinstance(entry.id, str) else entry.id[0])
        for entry in [*catalogue, *read("en")]
        if entry.id
    } - used

    assert not left_over


@pytest.mark.django_db
def test_admin_speaks_vietnamese_everywhere(admin_client):
    """No English word of ours or Django's on any page of the admin."""
    from django.contrib import admin
    from django.urls import reverse

    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        for page in ("changelist", "add"):
            html = admin_client.get(reverse(f"{name}_{page}"), follow=True).content.decode()
            text = re.sub(r"<(script|style)\b.*?</\1>|<!--.*?-->|<[^>]+>", " ", html, flags=re.S)
            english = re.findall(
                r"\b(?:the|and|of|Add|Change|Select|Save|Delete|Search|name|date|All)\b", text
            )
            assert not english, f"{name}_{page}: {english}"
