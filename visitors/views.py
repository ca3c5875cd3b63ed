from django.conf import settings
from django.shortcuts import render

from articles.page_cache import kept


@kept
def definitions(request):
    """What is counted, how, and what is kept of a reader."""
    context = {
        "online_minutes": settings.VISITS_ONLINE_MINUTES,
        "idle_minutes": settings.VISITS_IDLE_MINUTES,
        "suspect_views": settings.VISITS_SUSPECT_VIEWS,
        "counts_views": settings.VISITS_PUBLIC_FIGURE == "views",
    }
    return render(request, "visitors/definitions.html", context)
