from django.urls import include, path, re_path

from . import archive, feeds, share_picture, sharing, sitemaps, views

app_name = "articles"

YEAR, MONTH, DAY = (
    "(?P<year>(?:19|20)[0-9]{2})",
    "(?P<month>0[1-9]|1[0-2])",
    "(?P<day>0[1-9]|[12][0-9]|3[01])",
)

urlpatterns = [
    path("", views.home, name="home"),
    path("tim-kiem/", views.search, name="search"),
    path("chu-de/<slug:slug>/", views.topic, name="topic"),
    path("tac-gia/<slug:slug>/", views.author, name="author"),
    path("dinh-chinh/", views.corrections, name="corrections"),
    path("so-do-trang/", views.site_map, name="site_map"),
    path("luu-tru/", archive.index, name="archive"),
    re_path(f"^luu-tru/{YEAR}/$", archive.year, name="archive_year"),
    re_path(f"^luu-tru/{YEAR}/{MONTH}/$", archive.month, name="archive_month"),
    re_path(f"^luu-tru/{YEAR}/{MONTH}/{DAY}/$", archive.day, name="archive_day"),
    path("xem-truoc/<str:token>/", sharing.shared, name="shared"),
    path("anh-chia-se/tin-<int:id>-<slug:key>.png", share_picture.story, name="story_picture"),
    path("anh-chia-se/muc-<int:id>-<slug:key>.png", share_picture.section, name="section_picture"),
    path("anh-chia-se/<slug:key>.png", share_picture.portal, name="portal_picture"),
    path("kenh-rss/", feeds.channels, name="feeds"),
    path("rss/", feeds.rss(feeds.whole_site), name="rss"),
    path("rss/chuyen-muc/<slug:slug>/", feeds.rss(feeds.of_section), name="section_rss"),
    path("rss/chu-de/<slug:slug>/", feeds.rss(feeds.of_topic), name="topic_rss"),
    path("rss/tac-gia/<slug:slug>/", feeds.rss(feeds.of_author), name="author_rss"),
    path("atom/", feeds.atom(feeds.whole_site), name="atom"),
    path("atom/chuyen-muc/<slug:slug>/", feeds.atom(feeds.of_section), name="section_atom"),
    path("atom/chu-de/<slug:slug>/", feeds.atom(feeds.of_topic), name="topic_atom"),
    path("atom/tac-gia/<slug:slug>/", feeds.atom(feeds.of_author), name="author_atom"),
    path("api/", include("articles.api.urls")),
    path("robots.txt", sitemaps.robots, name="robots"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemap-trang.xml", sitemaps.pages, name="pages_sitemap"),
    path("sitemap-tin-moi.xml", sitemaps.newest, name="news_sitemap"),
    re_path(rf"^sitemap-thang-{YEAR}-{MONTH}\.xml$", sitemaps.month, name="month_sitemap"),
    path("<slug:slug>/", views.section, name="section"),
    path("<slug:section_slug>/<slug:slug>-<int:id>/", views.article, name="article"),
    path("<slug:section_slug>/<slug:slug>-<int:id>/pdf/", views.pdf, name="pdf"),
]
