from django.conf import settings
from django.shortcuts import render


def definitions(request):
    """What is counted, how, and what is kept of a reader."""
    context = {"online_minutes": settings.VISITS_ONLINE_MINUTES, "idle_minutes": settings.VISITS_IDLE_MINUTES}
    return render(request, "visitors/definitions.html", context)
