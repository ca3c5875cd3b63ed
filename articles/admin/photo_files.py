"""A photo's file: the original for staff, another one in its place, and its removal on request."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache

from articles import images, policy
from articles.forms import PhotoRemovalForm, PhotoReplaceForm, refusal
from articles.models import Article, Photo


class PhotoFiles:
    """For the photos' ModelAdmin."""

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("<int:id>/original/", never_cache(view(self.original_view)), name="articles_photo_original"),
            path("<int:id>/replace/", view(self.replace_view), name="articles_photo_replace"),
            path("<int:id>/remove/", view(self.removal_view), name="articles_photo_remove"),
            *super().get_urls(),
        ]

    def may_replace(self, request, photo) -> bool:
        """A new file shows at once wherever the photo does, so it needs the right to edit or publish those stories."""
        user, stories = request.user, photo.articles.only("created_by", "status", "section")
        return self.has_change_permission(request, photo) and all(
            policy.may_edit(user, story) or (policy.may_publish(user) and policy.works_in(user, story))
            for story in stories
        )

    def may_remove(self, request, photo) -> bool:
        return self.has_change_permission(request, photo) and policy.may_publish(request.user)

    def original_view(self, request, id):
        """The file as it was sent, place and camera included: for staff alone, never shown by the browser."""
        photo = get_object_or_404(Photo, pk=id)
        if not self.has_change_permission(request, photo):
            raise PermissionDenied
        try:
            file = photo.original.open("rb")
        except (
            ValueError,
            FileNotFoundError,
        ) as error:  # of a photo that was stored before originals were kept
            raise Http404 from error
        response = FileResponse(
            file,
            as_attachment=True,
            filename=photo.original_name or f"{photo.pk}",
            content_type="application/octet-stream",
        )
        response["X-Content-Type-Options"] = "nosniff"
        return response

    def replace_view(self, request, id):
        photo = get_object_or_404(Photo, pk=id)
        if not self.may_replace(request, photo):
            raise PermissionDenied
        form = PhotoReplaceForm(request.POST or None, request.FILES or None)
        if form.is_valid():
            upload = form.cleaned_data["file"]
            try:
                photo.replace(upload)
            except images.ImageError as error:
                form.add_error("file", refusal(upload, error))
            else:
                self.log_change(
                    request, photo, gettext("Replaced the file by “%(name)s”.") % {"name": upload.name}
                )
                messages.success(request, gettext("The photo has its new file, in every story."))
                return redirect("admin:articles_photo_change", photo.pk)
        return self._step_page(request, photo, form, "replace.html", gettext("Replace the file"))

    def removal_view(self, request, id):
        photo = get_object_or_404(Photo, pk=id)
        if not self.may_remove(request, photo):
            raise PermissionDenied
        form = PhotoRemovalForm(request.POST or None)
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            # Gone with the photo. All who see the photo read its log: what is unpublished has a number there.
            headlines = [
                f"“{story.headline}”" if story.status == Article.Status.PUBLISHED else f"{story.root_id}"
                for story in photo.articles.only("headline", "status", "next_of")
            ]
            with transaction.atomic():
                photo.take_down(request.user, reason)
                self.log_change(request, photo, self._removal_words(reason, headlines))
            text = ngettext(
                "The photo is removed, also from %(count)s story.",
                "The photo is removed, also from %(count)s stories.",
                len(headlines),
            )
            text = text % {"count": len(headlines)} if headlines else gettext("The photo is removed.")
            messages.success(request, text)
            return redirect("admin:articles_photo_change", photo.pk)
        return self._step_page(request, photo, form, "remove.html", gettext("Remove on request"))

    def _removal_words(self, reason, headlines) -> str:
        if not headlines:
            return gettext("Removed the photo. Reason: %(reason)s") % {"reason": reason}
        return gettext("Removed the photo, also from: %(stories)s. Reason: %(reason)s") % {
            "stories": "; ".join(headlines),
            "reason": reason,
        }

    def _step_page(self, request, photo, form, template, title):
        context = {
            "title": title,
            "form": form,
            "photo": photo,
            "photo_url": reverse("admin:articles_photo_change", args=[photo.pk]),
            **self.uses(request, photo),
        }
        return self._page(request, template, context)
