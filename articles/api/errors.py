"""Refusals, each with a code that never changes and a sentence for people."""

from datetime import datetime

from django.http import JsonResponse
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext as _


class Refusal(Exception):
    def __init__(self, status: int, code: str, message: str, **more):
        self.status, self.content = status, {"code": code, "message": message, **more}

    def response(self) -> JsonResponse:
        return JsonResponse(self.content, status=self.status, json_dumps_params={"ensure_ascii": False})


def unknown_parameter(name: str, known) -> Refusal:
    message = _("There is no parameter “%(name)s” here. Possible are: %(known)s.")
    if not known:
        message = _("There is no parameter “%(name)s” here, nor any other.")
    return Refusal(400, "unknown_parameter", message % {"name": shortened(name), "known": ", ".join(known)})


def invalid_parameter(name: str, wanted: str) -> Refusal:
    message = _("The parameter “%(name)s” cannot be read. Wanted: %(wanted)s")
    return Refusal(400, "invalid_parameter", message % {"name": name, "wanted": wanted})


def invalid_cursor() -> Refusal:
    return Refusal(
        400, "invalid_cursor",
        _("This cursor does not belong to this list. Begin again without “cursor”, then follow “next”."),
    )  # fmt: skip


def not_found() -> Refusal:
    return Refusal(404, "not_found", _("There is nothing at this address."))


def unknown(code: str, message: str) -> Refusal:
    return Refusal(404, code, message)


def withdrawn(at: datetime) -> Refusal:
    at = localtime(at)
    message = _("The editors withdrew this story on %(day)s.") % {"day": date_format(at, "SHORT_DATE_FORMAT")}
    return Refusal(410, "withdrawn", message, withdrawn_at=at.isoformat(timespec="seconds"))


def not_allowed() -> Refusal:
    return Refusal(405, "method_not_allowed", _("This interface is for reading only: use GET or HEAD."))


def too_many_requests(seconds: int) -> Refusal:
    message = _("Too many requests from your address. Ask again in %(seconds)s seconds.")
    return Refusal(429, "too_many_requests", message % {"seconds": seconds})


def unavailable() -> Refusal:
    return Refusal(503, "unavailable", _("The news cannot be read at this moment. Ask again in a minute."))


def server_error() -> Refusal:
    return Refusal(
        500, "server_error", _("Something went wrong here, not with your request. It has been noted.")
    )


def shortened(text: str) -> str:
    return Truncator(text.replace("\x00", "")).chars(60)
