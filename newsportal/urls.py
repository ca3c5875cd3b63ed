"""All addresses. Public ones are Vietnamese words; sections take what is left."""

from django.contrib import admin
from django.contrib.flatpages.views import flatpage
from django.urls import include, path, re_path

from articles.page_cache import kept

from . import views

urlpatterns = [
    path("admin/", include("newsportal.access.urls")),
    path("admin/", admin.site.urls),
    path("giao-dien/<slug:accent>.css", views.theme, name="theme"),
    path("giao-dien/<slug:accent>/<slug:version>.css", views.site_css, name="site_css"),
    path("bieu-tuong/<slug:key>/<slug:name>.png", views.icon, name="icon"),
    path("kha-nang-tiep-can/", views.accessibility, name="accessibility"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    re_path(r"^media/(?P<path>.+)$", views.media, name="media"),
    path("trang/<path:url>", kept(flatpage), name="page"),
    path("", include("visitors.urls")),
    path("", include("articles.urls")),
]

handler404 = "newsportal.views.not_found"
handler500 = "newsportal.views.server_error"
