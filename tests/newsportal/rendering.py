"""Answers without their pages, for tests that only ask who gets in."""

import os
from contextlib import contextmanager

import pytest
from django.template import Template

IN_LONG = bool(os.environ.get("ATTACK"))  # as `make attack` does it


@contextmanager
def unrendered(also=True):
    """Templates come to nothing: who gets in is decided before. In long every page is written."""
    with pytest.MonkeyPatch.context() as patch:
        if also and not IN_LONG:
            patch.setattr(Template, "_render", lambda template, context: "")
        yield


def turns(entries: dict[str, str], letters: list[str]) -> dict[str, str]:
    """By whom each page is read in full: by one of those whom its entry names, every role in turn."""
    return {
        name: min(allowed, key=lambda letter: (letters.index(letter) - number) % len(letters), default="")
        for number, (name, allowed) in enumerate(entries.items())
    }
