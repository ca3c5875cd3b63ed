"""The interface described: for programs as OpenAPI, for people as a page made of the same."""

from functools import lru_cache

from django.conf import settings
from django.http import JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from articles.links import whole_address
from newsportal.models import SiteIdentity

from .answering import KEPT
from .parameters import check_names
from .views import PREFIX, api

TEXTS = ("description", "summary")


def as_json(request):
    check_names(request)
    title = _("Open data of %(name)s") % {"name": SiteIdentity.load().name}
    described = openapi(settings.SITE_URL, get_language()) | {
        "info": {"title": title, "version": api.version}
    }
    return JsonResponse(described, json_dumps_params={"ensure_ascii": False})


@lru_cache(maxsize=8)
def openapi(site: str, language: str) -> dict:
    return translated(api.get_openapi_schema(path_prefix=PREFIX)) | {"servers": [{"url": site}]}


def translated(part):
    """With texts in the language of now, and without defaults that only say that there is none."""
    if isinstance(part, list):
        return [translated(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {
        key: _(value) if key in TEXTS and value and isinstance(value, str) else translated(value)
        for key, value in part.items()
        if (key, value) != ("default", None)
    }


def as_page(request):
    described = openapi(settings.SITE_URL, get_language())
    operations = [
        {
            "path": path,
            "example": None if "{" in path else whole_address(path),
            "answer": kind(operation["responses"][200]["content"]["application/json"]["schema"]),
            "summary": operation["summary"],
            "description": operation.get("description", ""),
            "parameters": [field(each["name"], each["schema"]) for each in operation["parameters"]],
        }
        for path, methods in described["paths"].items()
        for operation in methods.values()
    ]
    components = [
        {"name": name, "fields": fields}
        for name, fields in reached(operations, described["components"]["schemas"])
    ]
    context = {
        "operations": operations,
        "components": components,
        "limit": settings.API_REQUESTS_PER_MINUTE,
        "kept": KEPT,
        "stories": whole_address(f"{PREFIX}/stories"),
    }
    return render(request, "articles/api.html", context)


def reached(operations: list[dict], schemas: dict):
    """The components of the answers and of what these hold, in the order in which somebody reads about them."""
    names = [operation["answer"]["of"] for operation in operations]
    for name in names:  # grows meanwhile
        fields = [field(*each) for each in schemas[name]["properties"].items()]
        names += dict.fromkeys(
            each["kind"]["of"]
            for each in fields
            if each["kind"].get("of") and each["kind"]["of"] not in names
        )
        yield name, fields


def field(name: str, schema: dict) -> dict:
    return {"name": name, "kind": kind(schema), "description": schema.get("description", "")}


def kind(schema: dict) -> dict:
    """What a value is, in words; `of` is the component that it is or holds."""
    others = schema.get("anyOf", [])
    if others:
        return kind(others[0]) | {"may_be_null": True}
    if "enum" in schema:
        return {
            "words": _("%(first)s or %(second)s")
            % dict(zip(("first", "second"), schema["enum"], strict=True))
        }
    if "$ref" in schema:
        return {"words": "", "of": schema["$ref"].rpartition("/")[2]}
    if schema["type"] == "array":
        return kind(schema["items"]) | {"words": _("list of")}
    words = {"integer": _("number"), "date": _("day"), "date-time": _("moment")}
    return {"words": words.get(schema.get("format", schema["type"]), _("string"))}
