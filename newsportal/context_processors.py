"""What every public page shows around its content: identity, menu, links, pages of the footer."""

from django.contrib.flatpages.models import FlatPage
from django.utils import timezone

from articles.models import Section
from articles.page_cache import shared

from .languages import identity
from .models import WebsiteLink


def site(request):
    """Lazy: a page of the admin that shows none of it asks the database for none of it."""
    return {
        "identity": identity(request),
        "menu": shared(request, "menu", Section.objects.as_menu),
        "website_links": shared(request, "website_links", lambda: list(WebsiteLink.objects.in_groups())),
        "footer_pages": shared(
            request,
            "footer_pages",
            lambda: list(
                FlatPage.objects.filter(registration_required=False).select_related("english").order_by("url")
            ),
        ),
        "today": timezone.localdate(),
    }
