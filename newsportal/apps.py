from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.utils.translation import gettext_lazy as _


class PortalAdminConfig(AdminConfig):
    default_site = "newsportal.admin_site.PortalAdminSite"


class NewsportalConfig(AppConfig):
    name = "newsportal"
    verbose_name = _("Website")

    def ready(self):
        from . import checks  # noqa: F401 - registers them
        from .access import receivers  # noqa: F401 - connects them
        from .audit import receivers as audit  # noqa: F401 - likewise


# Of the editor's plugins these are in its built file and switched off (articles/widgets.py), or never asked for.
UNUSED_PLUGINS = [
    "a11yhelp", "about", "adobeair", "ajax", "autoembed", "autogrow", "autolink", "bbcode", "codesnippet",
    "codesnippetgeshi", "colordialog", "copyformatting", "devtools", "div", "docprops", "embed", "embedbase",
    "embedsemantic", "exportpdf", "filetools", "flash", "forms", "iframe", "iframedialog", "image", "language",
    "lineutils", "liststyle", "mathjax", "menubutton", "notification", "notificationaggregator", "pagebreak",
    "pastefromgdocs", "pastefromlibreoffice", "placeholder", "preview", "scayt", "sharedspace", "showblocks",
    "smiley", "sourcedialog", "stylesheetparser", "tableresize", "templates", "uicolor", "uploadimage",
    "uploadwidget", "wsc", "xml",
]  # fmt: skip
UNUSED_PARTS = [
    *(f"plugins/{name}/*" for name in UNUSED_PLUGINS), "CHANGES.md", "README.md", "SECURITY.md", "contents.css",
    "skins/moono/*", "skins/*/readme.md", "styles.js", "vendor/*",
    "*lang/[!ev]*", "*lang/e[!n]*", "*lang/en-*",  # Vietnamese stays, and English behind it
]  # fmt: skip


class PublishedFilesConfig(StaticFilesConfig):
    """Keeps the parts of the editor's package out of the site that nothing uses and attackers know."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "galleriffic", "file-icons", "adapters", "bender-runner.config.json", "build-config.js",
        *(f"ckeditor/ckeditor/{part}" for part in UNUSED_PARTS),
    ]  # fmt: skip
