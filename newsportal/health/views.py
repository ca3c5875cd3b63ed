from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from .checks import Level, findings

RIGHT = "newsportal.view_auditentry"  # of administrators


@never_cache
def system_status(request):
    """What is wrong stands first."""
    if not request.user.has_perm(RIGHT):
        raise PermissionDenied
    found = sorted(findings().items(), key=lambda pair: -pair[1].level)
    context = {
        **admin.site.each_context(request),
        "title": _("System status"),
        "findings": found,
        "broken": sum(finding.level == Level.BROKEN for _name, finding in found),
        "warnings": sum(finding.level == Level.WARNING for _name, finding in found),
        "now": timezone.now(),
    }
    return TemplateResponse(request, "admin/system_status.html", context)
