"""All addresses. Public ones are Vietnamese words, on English pages too; sections take what is left."""

from django.contrib import admin
from django.contrib.flatpages.views import flatpage
from django.urls import URLResolver, include, path, re_path

from articles.languages import EnglishPrefix
from articles.page_cache import kept

from . import views

pages = [
    path("kha-nang-tiep-can/", views.accessibility, name="accessibility"),
    re_path(r"^trang/(?P<url>[^\0]+)$", kept(flatpage), name="page"),  # the database takes no NUL
    path("", include("visitors.urls")),
    path("", include("articles.urls")),
]

urlpatterns = [
    path("admin/", include("newsportal.access.urls")),
    path("admin/", admin.site.urls),
    path("giao-dien/<slug:accent>.css", views.theme, name="theme"),
    path("giao-dien/<slug:accent>/<slug:version>.css", views.site_css, name="site_css"),
    path("bieu-tuong/<slug:key>/<slug:name>.png", views.icon, name="icon"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    re_path(r"^media/(?P<path>.+)$", views.media, name="media"),
    URLResolver(EnglishPrefix(), pages),
]

handler400 = "newsportal.views.bad_request"
handler404 = "newsportal.views.not_found"
handler500 = "newsportal.views.server_error"
