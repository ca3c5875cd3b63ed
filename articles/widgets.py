"""Fields of the article form: the body's editor and the photo chooser."""

import json
import re

from ckeditor.widgets import CKEditorWidget
from django import forms
from django.conf import settings
from django.forms import Script
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from . import body, images

TOOLBAR = [
    ["Format", "Bold", "Italic", "Underline", "RemoveFormat"],
    ["BulletedList", "NumberedList", "Blockquote", "JustifyCenter", "JustifyRight"],
    ["Link", "Unlink", "Table", "HorizontalRule", "SpecialChar"],
    ["Undo", "Redo", "Find", "Maximize", "Source"],
    ["Photos", "SideBySide", "Box"],
]
# Parts of the editor's build that newsrooms do not need, that send text to outside services, that have known
# holes, or that our own plugin replaces. StaticFilesConfig does not publish them either.
REMOVED_PLUGINS = [
    "a11yhelp", "about", "bidi", "colorbutton", "colordialog", "copyformatting", "div", "editorplaceholder",
    "elementspath", "exportpdf", "filebrowser", "font", "forms", "iframe", "image", "language", "liststyle",
    "newpage", "pagebreak", "pastefromgdocs", "pastefromlibreoffice", "preview", "print", "resize", "save",
    "scayt", "showblocks", "smiley", "stylescombo", "templates", "uploadimage", "uploadwidget",
    "wysiwygarea",
]  # fmt: skip


class BodyEditor(CKEditorWidget):
    """CKEditor inline (divarea), allowed just what body.clean() keeps, with photos and captions."""

    template_name = "articles/widgets/body_editor.html"

    def __init__(self, *, with_photos=True, attrs=None):
        super().__init__(template_name=self.template_name, attrs=attrs)
        self.plugins = {"handlers": "js/admin/editor_handlers.js", "newsroom": "js/admin/editor_plugin.js"}
        if with_photos:
            self.plugins["photos"] = "js/admin/photos_plugin.js"

    @property
    def media(self):
        return super().media + forms.Media(js=[Script("js/admin/links.js", type="module")])

    def get_context(self, name, value, attrs):
        self.config = self._config()
        self.external_plugin_resources = [[name, static(path), ""] for name, path in self.plugins.items()]
        context = super().get_context(name, body.clean(value or ""), attrs)
        context["link_dialog"] = json.dumps(link_dialog_settings())
        return context

    def _set_config(self):
        """The package's way to say the language; the site publishes one English for the editor."""
        super()._set_config()
        self.config["language"] = get_language()[:2]

    def _config(self) -> dict:
        return {
            "allowedContent": body.editor_rules(),
            "disallowedContent": "script; style; *[on*]; *{*}",
            "applicationTitle": _("Text editor"),
            "bodyClass": "body",
            "contentsCss": [],
            "contentsLanguage": "vi",
            "customConfig": "",
            "defaultLanguage": "vi",
            "disableNativeSpellChecker": False,
            "entities": False,
            "extraPlugins": ",".join(["divarea", *self.plugins]),
            "removePlugins": ",".join(REMOVED_PLUGINS),
            "format_tags": "p;h2;h3",
            "height": 520,
            "image2_captionedClass": "image",
            "image2_disableResizer": True,
            "justifyClasses": ["align-left", "align-center", "align-right", "align-justify"],
            "linkShowAdvancedTab": False,
            "linkShowTargetTab": False,
            "pasteFromWordRemoveFontStyles": True,
            "skin": "moono-lisa",
            "stylesSet": False,
            "title": _("Body"),
            "toolbar": TOOLBAR,
            "width": "100%",
            "newsroom": {
                "box": _("Info box"),
                "boxHint": _("Put the chosen paragraphs into an info box, or take them out"),
                "counts": _("{words} words · {photos} photos"),
                "labels": labels(),
            },
            "photosLabel": _("Photos"),
            "photosHint": _("Add photos from your machine or the library"),
            "photosSide": _("Side by side"),
            "photosSideHint": _("Show the chosen photo beside the next one, or below it again"),
            "photoAltTitle": _("Alternative text of the photo"),
            "photoAltLabel": _("What is to be seen, for readers who cannot see the photo"),
        }


def labels() -> dict[str, str]:
    """Words of the interface that the editor's own Vietnamese leaves in English or says in a misleading way."""
    return {
        "clipboard.pasteMsg": _("Paste the text here and press OK."),
        "clipboard.pasteNotification": _("Press %1 to paste."),
        "find.matchCyclic": _("Go on from the beginning"),
        "find.matchWord": _("Whole words only"),
        "find.findOptions": _("Options"),
        "format.tag_h2": _("Subheading"),
        "format.tag_h3": _("Smaller subheading"),
        "format.tag_p": _("Paragraph"),
        "list.bulletedlist": _("Bulleted list"),
        "list.numberedlist": _("Numbered list"),
        "maximize.maximize": _("Full screen"),
        "maximize.minimize": _("Leave full screen"),
        "notification.closed": _("The message is closed."),
        "table.caption": _("Title of the table"),
        "table.cell.columnHeader": _("Header of the column"),
        "table.cell.header": _("Header"),
        "table.cell.rowHeader": _("Header of the row"),
        "table.headers": _("Header cells"),
        "undo.undo": _("Undo"),
        "undo.redo": _("Redo"),
        "widget.label": "%1",
    }


def link_dialog_settings() -> dict:
    """Addresses and words for static/js/admin/links.js."""
    return {
        "stories": reverse("admin:articles_article_link_choices"),
        "texts": {
            "title": _("Link"),
            "inside": _("Story of this site"),
            "outside": _("Address elsewhere"),
            "set": _("Set the link"),
            "close": _("Close"),
            "none": _("No published story matches."),
            "failed": _("The stories could not be searched. Check the connection and try again."),
            "noAddress": _("This is no address. Give one such as https://vi-du.vn, or a mail address."),
        },
    }


class PhotoChooser(forms.HiddenInput):
    """One photo of the library, shown as a thumbnail; the dialog of photos.js does the choosing."""

    template_name = "articles/widgets/photo_chooser.html"

    def __init__(self, photos, attrs=None):
        super().__init__(attrs)
        self.photos = photos

    @property
    def is_hidden(self):
        return False

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        context["photo"] = (
            self.photos.filter(pk=value).first() if re.fullmatch(r"[0-9]{1,18}", str(value or "")) else None
        )
        return context


def photo_upload_settings() -> dict:
    """Address, limit and words for static/js/admin/photo_upload.js."""
    limit = settings.PHOTO_MAX_BYTES
    return {
        "upload": reverse("admin:articles_photo_upload"),
        "login": reverse("admin:login"),
        "maxBytes": limit,
        "texts": {
            "waiting": _("Waiting"),
            "sending": _("Sending…"),
            "making": _("Being prepared…"),
            "known": _("Was in the library already"),
            "open": _("Open the photo"),
            "retry": _("Try again"),
            "retryAll": _("Try all again"),
            "dismiss": _("Leave it out"),
            "failed": _("The server did not answer. Check the connection and try again."),
            "loggedOut": _("You are logged out. Log in in another tab, then try again here."),
            "logIn": _("Log in"),
            "forbidden": _("You may not add photos. Ask an administrator."),
            "tooLarge": _("The file is over the limit of %(limit)s MB.") % {"limit": limit // 1024**2},
            "progress": _("{done} of {all} photos sent"),
            "someFailed": _("{failed} not sent"),
        },
    }


def photo_dialog_settings() -> dict:
    """Addresses and words for static/js/admin/photos.js."""
    return {
        "accept": images.ACCEPT,
        "choices": reverse("admin:articles_photo_choices"),
        "uploads": photo_upload_settings(),
        "texts": {
            "title": _("Photos"),
            "add": _("Choose files or drop them here"),
            "hint": _("JPEG, PNG, WebP, GIF or HEIC, several at once."),
            "search": _("Search captions, credits and file names"),
            "mine": _("Only mine"),
            "insert": _("Insert the chosen photos"),
            "choose": _("Choose this photo"),
            "close": _("Close"),
            "more": _("Show more"),
            "none": _("No photo matches."),
            "failed": _("The photo could not be sent. Check the connection and try again."),
            "unreachable": _(
                "A picture of the pasted text cannot be read. Save it as a file and add it with the button Photos."
            ),
            "caption": _("Caption"),
            "credit": _("Credit"),
            "alt": _("Alternative text"),
            "wordsSaved": _("Saved"),
            "forThisUse": _("For this story only"),
            "sending": _("Photos from the text you pasted are being sent."),
        },
    }
