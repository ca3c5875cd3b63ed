from django.urls import URLPattern, include, path, re_path

from . import description, errors
from .answering import answers
from .views import api


def nothing(request):
    raise errors.not_found()


operations = [
    URLPattern(each.pattern, answers(each.callback), each.default_args, each.name)
    for each in api.urls[0]
    if each.name != "api-root"
]

urlpatterns = [
    path("", description.as_page, name="api"),
    path("v1/openapi.json", answers(description.as_json), name="api_description"),
    path("v1/", include(operations)),
    re_path("^v1/", answers(nothing)),
]
