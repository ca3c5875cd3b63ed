"""What every public page shows around its content: identity, menu, links, pages of the footer."""

from django.contrib.flatpages.models import FlatPage
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from articles.models import Section

from .models import SiteIdentity, WebsiteLink


def site(request):
    """Lazy: a page of the admin that shows none of it asks the database for none of it."""
    return {
        "identity": SimpleLazyObject(SiteIdentity.load),
        "menu": SimpleLazyObject(Section.objects.as_menu),
        "website_links": SimpleLazyObject(lambda: list(WebsiteLink.objects.in_groups())),
        "footer_pages": SimpleLazyObject(
            lambda: list(FlatPage.objects.filter(registration_required=False).order_by("url"))
        ),
        "today": timezone.localdate(),
    }
