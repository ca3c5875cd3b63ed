from django.urls import path

from . import sharing, views

app_name = "articles"

urlpatterns = [
    path("", views.home, name="home"),
    path("tim-kiem/", views.search, name="search"),
    path("chu-de/<slug:slug>/", views.topic, name="topic"),
    path("tac-gia/<slug:slug>/", views.author, name="author"),
    path("dinh-chinh/", views.corrections, name="corrections"),
    path("xem-truoc/<str:token>/", sharing.shared, name="shared"),
    path("<slug:slug>/", views.section, name="section"),
    path("<slug:section_slug>/<slug:slug>-<int:id>/", views.article, name="article"),
]
