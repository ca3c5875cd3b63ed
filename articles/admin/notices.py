"""Notices of the person who is signed in: the list, the way to a story, and whether they come by mail."""

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from articles import notices as news
from articles import policy
from articles.models import Article, Assignment

ON_A_PAGE = 50


def notices(request):
    """The list; sent back, it marks all as read or switches the mails."""
    if request.method == "POST":
        return _changed(request)
    page = Paginator(request.user.notices.all(), ON_A_PAGE).get_page(request.GET.get("p"))
    context = {
        **admin.site.each_context(request),
        "title": _("Notices"),
        "page": page,
        "gets_mail": news.gets_mail(request.user),
    }
    return TemplateResponse(request, "admin/notices.html", context)


def notice(request, id):
    """Leads to the story; from then on the notice is read."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    notice = get_object_or_404(request.user.notices, pk=id)
    request.user.notices.unread().filter(story_id=notice.story_id).update(read_at=timezone.now())
    article = Article.objects.filter(pk=notice.story_id).first()
    if notice.is_next_version:
        article = Article.objects.filter(next_of=notice.story_id).first() or article
    if article is None or not policy.may_view(request.user, article):
        messages.info(request, _("This story is no longer there, or no longer one of yours."))
        return redirect("admin:notices")
    return redirect("admin:articles_article_change", article.pk)


def _changed(request):
    if "read" in request.POST:
        request.user.notices.unread().update(read_at=timezone.now())
    else:
        gets_mail = "gets_mail" in request.POST
        Assignment.objects.update_or_create(user=request.user, defaults={"gets_mail": gets_mail})
        messages.success(
            request, _("Notices come by mail, too.") if gets_mail else _("No more notices by mail.")
        )
    return redirect("admin:notices")
