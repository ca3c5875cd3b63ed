from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.utils.translation import gettext_lazy as _


class PortalAdminConfig(AdminConfig):
    default_site = "newsportal.admin_site.PortalAdminSite"


class NewsportalConfig(AppConfig):
    name = "newsportal"
    verbose_name = _("Website")


class PublishedFilesConfig(StaticFilesConfig):
    """Keeps the parts of the editor's package out of the site that nothing uses and attackers know."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "galleriffic", "file-icons", "adapters", "vendor/promise.js", "bender-runner.config.json", "build-config.js",
        "adobeair", "ajax", "autoembed", "bbcode", "codesnippet", "codesnippetgeshi", "devtools", "docprops",
        "embed", "embedbase", "embedsemantic", "exportpdf", "flash", "iframe", "iframedialog", "mathjax",
        "placeholder", "preview", "scayt", "sharedspace", "smiley", "stylesheetparser", "templates", "uicolor", "wsc",
    ]  # fmt: skip
