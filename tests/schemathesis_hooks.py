"""Cursors for schemathesis, which knows of them only that they are text: where it means to ask for something
valid, each of its cursors becomes one of the list it asks."""

from datetime import UTC, datetime

import schemathesis

from articles.api.cursors import Cursor

LISTS = {"/api/v1/topics": "t", "/api/v1/authors": "a"}


@schemathesis.hook
def before_call(context, case, kwargs):
    if "cursor" in (case.query or {}) and case.meta.generation.mode.is_positive:
        order = "o" if case.query.get("order") == "oldest" else "N"
        order = LISTS.get(case.operation.path, "c" if "changed_since" in case.query else order)
        case.query["cursor"] = str(Cursor(order, datetime(2026, 11, 25, tzinfo=UTC), 40))
