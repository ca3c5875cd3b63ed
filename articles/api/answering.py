"""Around every address of the interface: how often, by which method, how long it may be kept, and what went wrong."""

import logging
from functools import wraps

from django.db import OperationalError
from django.http import HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import conditional_page
from ninja.errors import ValidationError

from . import errors
from .parameters import StoryFilters
from .throttle import allowance

logger = logging.getLogger(__name__)

KEPT = 60  # seconds; a withdrawn story is in no cache for longer
KEPT_STATUSES = {200, 400, 404, 410}
METHODS = "GET, HEAD, OPTIONS"
# Public facts, and no cookie is looked at: pages of other sites may read them, which browsers forbid otherwise.
SHARED = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag, Retry-After"}
PREFLIGHT = {
    "Allow": METHODS,
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": "If-None-Match",
    "Access-Control-Max-Age": "86400",
}


def answers(view):
    view = conditional_page(kept(view))

    @csrf_exempt  # nosemgrep (it only reads)
    @wraps(view)
    def answer(request, **kwargs):
        response = reply(request, view, kwargs)
        for name, value in SHARED.items():
            response[name] = value
        return response

    return answer


def reply(request, view, kwargs):
    method = request.method
    if method == "OPTIONS":
        return HttpResponse(status=204, headers=PREFLIGHT)
    if seconds := allowance.wait(request.META):
        return refused(errors.too_many_requests(seconds), {"Retry-After": str(seconds)})
    if method not in ("GET", "HEAD"):
        return refused(errors.not_allowed(), {"Allow": METHODS})
    request.method = "GET"  # ninja knows no HEAD; the server leaves the body out
    try:
        return view(request, **kwargs)
    except OperationalError:
        logger.warning("The database did not answer %s.", request.path, exc_info=True)
        return refused(errors.unavailable(), {"Retry-After": str(KEPT)})
    finally:
        request.method = method


def refused(refusal: errors.Refusal, headers: dict[str, str]):
    response = refusal.response()
    for name, value in {"Cache-Control": "no-store", **headers}.items():
        response[name] = value
    return response


def kept(view):
    @wraps(view)
    def answer(request, **kwargs):
        try:
            response = view(request, **kwargs)
        except errors.Refusal as refusal:
            response = refusal.response()
        except ValidationError as error:
            response = first_of(error).response()
        patch_cache_control(response, public=True, max_age=KEPT)
        return response

    return answer


def first_of(error: ValidationError) -> errors.Refusal:
    name = next(part for part in reversed(error.errors[0]["loc"]) if part in StoryFilters.model_fields)
    if name == "cursor":
        return errors.invalid_cursor()
    return errors.invalid_parameter(name, gettext(StoryFilters.model_fields[name].description))
