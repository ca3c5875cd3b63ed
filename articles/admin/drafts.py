"""Nothing typed is lost: working drafts, who else has a story open, and two people's texts put together."""

import json

from django.contrib import messages
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import NON_FIELD_ERRORS, BadRequest, RequestDataTooBig
from django.db.models import Q
from django.forms.utils import ErrorDict
from django.http import JsonResponse, QueryDict, RawPostDataException
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from articles import body, policy, versions, workflow
from articles.merging import StoryParts
from articles.models import Article, ArticleVersion, OpenForm, StaleDraft, WorkingDraft
from articles.models.drafts import form_key, typed_in
from articles.people import person_name

DRAFT_MAX_BYTES = 3 * 1024 * 1024  # a text with hundreds of photos has 300 kB


class StoryDrafts:
    """For the ModelAdmin of stories."""

    def get_urls(self):
        def view(function, method):
            return never_cache(self.admin_site.admin_view(method(function)))

        return [
            path("working-draft/", view(self.keep_view, require_POST), name="articles_article_keep_new"),
            path("working-draft/login/", view(self.session_view, require_GET), name="articles_article_session"),
            path("working-draft/back/", view(self.back_view, require_GET), name="articles_article_back"),
            path("working-draft/<int:draft_id>/", view(self.draft_view, lambda each: each), name="articles_article_draft"),
            path("<int:id>/working-draft/", view(self.keep_view, require_POST), name="articles_article_keep"),
            path("<int:id>/presence/", view(self.presence_view, require_POST), name="articles_article_presence"),
            *super().get_urls(),
        ]  # fmt: skip

    # Keeping

    def keep_view(self, request, id=None):
        """Takes what is being typed; 409 with a sentence when the form can no longer be saved."""
        try:
            too_large = len(request.body) > DRAFT_MAX_BYTES
        except RequestDataTooBig:
            too_large = True
        except RawPostDataException as error:
            raise BadRequest("What is being typed comes without files.") from error
        if too_large:
            return JsonResponse({"sentence": _("The text is too large to be kept.")}, status=413)
        article = Article.objects.filter(pk=id).first() if id else None
        if not self._may_keep(request, id, article):
            sentence = _("You no longer have the right to edit this story.")
            return JsonResponse({"sentence": sentence}, status=403)
        try:
            draft = WorkingDraft.objects.keep(request.user, article, request.POST)
        except StaleDraft:
            sentence = _("This form is saved already. Load the page again to go on.")
            return JsonResponse({"sentence": sentence, "saved": True}, status=409)
        answer = {"at": time_format(timezone.localtime(draft.typed_at), "H:i")}
        if id and not (article and policy.may_edit(request.user, article)):
            return JsonResponse(answer | {"sentence": self._why_not(article)}, status=409)
        return JsonResponse(answer)

    def _may_keep(self, request, id, article) -> bool:
        """Who may write the story, or could when the form was opened: a private row that shows nothing."""
        if article is None:
            allowed = self.has_add_permission(request)
        else:
            allowed = policy.may(request.user, policy.Right.WRITE, article)
        mine = WorkingDraft.objects.filter(user=request.user)
        return (
            allowed
            or (id is not None and mine.filter(article=id).exists())
            or mine.filter(key=form_key(request.POST.get("key"))).exists()
        )

    def _why_not(self, article) -> str:
        """Why the form cannot be saved any more."""
        if article is None:
            return _("This story is no longer there.")
        if article.status == Article.Status.TRASHED:
            return _("This story was moved to the trash meanwhile.")
        if article.status == Article.Status.PUBLISHED:
            return _("This story was published meanwhile.")
        return _("You can no longer edit this story: it has moved on, or your rights have changed.")

    def session_view(self, request):
        """A token for a form whose login has ended meanwhile, and which of the named forms are saved."""
        drafts = WorkingDraft.objects.filter(user=request.user, is_saved=True)
        saved = [
            key
            for key in request.GET.getlist("key")[:50]
            if Article.objects.made_by_form(key) or drafts.filter(key=form_key(key)).exists()
        ]
        return JsonResponse({"user": request.user.pk, "token": get_token(request), "saved": saved})

    def back_view(self, request):
        """Where a login in a second tab ends: the form waits in the first."""
        context = {**self.admin_site.each_context(request), "title": _("You are logged in again")}
        return TemplateResponse(request, "admin/articles/article/logged_in.html", context)

    # Offering back

    def draft_view(self, request, draft_id):
        """Leads to the form that can hold what was typed; where there is none, shows the text."""
        draft = get_object_or_404(WorkingDraft.objects.unsaved(), pk=draft_id, user=request.user)
        if request.method == "POST":
            return self._take_up_elsewhere(request, draft)
        article = draft.article or Article.objects.filter(pk=draft.story_id).first()
        if draft.article and policy.may_edit(request.user, draft.article):
            return redirect("admin:articles_article_change", draft.article_id)
        if draft.story_id is None and self.has_add_permission(request):
            return redirect(f"{reverse('admin:articles_article_add')}?key={draft.key}")
        data = draft.data
        context = {
            **self.admin_site.each_context(request),
            "title": _("Text that is not saved"),
            "draft": draft,
            "article": article,
            "why_not": self._why_not(article),
            "lead": data.get("lead", ""),
            "kicker": data.get("kicker", ""),
            "text": mark_safe(body.clean(data.get("body", ""))),  # noqa: S308
            "may_view": article and policy.may_view(request.user, article),
            "may_begin_next": article and policy.may_begin_next(request.user, article),
            "may_add": self.has_add_permission(request),
        }
        return TemplateResponse(request, "admin/articles/article/working_draft.html", context)

    def _take_up_elsewhere(self, request, draft):
        article = draft.article or Article.objects.filter(pk=draft.story_id).first()
        if "_next" in request.POST and article and policy.may_begin_next(request.user, article):
            following = versions.begin_next(article, request.user)
            WorkingDraft.objects.filter(user=request.user, article=following).delete()
            draft.article = following
            draft.save(update_fields=["article"])
            return redirect("admin:articles_article_change", following.pk)
        if "_new" in request.POST and self.has_add_permission(request):
            draft.article, draft.story_id = None, None
            draft.save(update_fields=["article", "story_id"])
            return redirect(f"{reverse('admin:articles_article_add')}?key={draft.key}")
        if "_discard" in request.POST:
            draft.delete()
            messages.success(request, _("The unsaved text is discarded."))
        if request.POST.get("_behind") != "form":
            return redirect("admin:index")
        if draft.article_id:
            return redirect("admin:articles_article_change", draft.article_id)
        return redirect("admin:articles_article_add")

    def _offered(self, request, article) -> WorkingDraft | None:
        drafts = WorkingDraft.objects.unsaved().filter(user=request.user)
        if article:
            # Of a next version that somebody else has published, the story that readers see.
            return drafts.filter(Q(article=article) | Q(article=None, story_id=article.pk)).first()
        drafts = drafts.filter(article=None, story_id=None)
        if request.GET.get("key"):
            return drafts.filter(key=form_key(request.GET["key"])).first()
        return drafts.first()

    # The form

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Around Django's: takes up a draft or a merged text, and answers what cannot be saved without losing it."""
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        article = self.get_object(request, object_id) if object_id else None
        if object_id and not (article and policy.may_edit(request.user, article)):
            return self._keep_unsavable(request, object_id)
        if "_restore" in request.POST:
            request.POST = self._restored(request, article)
        elif "_merge" in request.POST and article:
            request.POST, is_decided = self._decided(request, article)
            if not is_decided:
                messages.error(request, _("Choose one of the two texts wherever they differ."))
                return self._conflict(request, article)
        try:
            response = super().changeform_view(request, object_id, form_url, extra_context)
        except workflow.StepError as error:
            # The story or the person's rights changed while the form was being checked.
            WorkingDraft.objects.keep(request.user, article, request.POST)
            messages.error(request, str(error))
            return redirect(request.get_full_path())  # nosemgrep (never begins with two slashes)
        if "adminform" not in (getattr(response, "context_data", None) or {}):
            return response
        form = response.context_data["adminform"].form
        if form.has_error(NON_FIELD_ERRORS, "conflict"):
            return self._conflict(request, self.get_object(request, object_id))
        if form.has_error(NON_FIELD_ERRORS, "restored"):
            _calm(response.context_data)
        return response

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        is_sent = request.method == "POST"
        may_edit = add or policy.may_edit(request.user, obj)
        if may_edit and not is_sent:
            parts = StoryParts(
                context["adminform"].form,
                [each.formset for each in context["inline_admin_formsets"]],
                flatten_fieldsets(self.get_fieldsets(request, obj)),
            )
            base = json.dumps(parts.digests(parts.saved()))
        else:
            base = request.POST.get("base", "")
        if may_edit and change:
            OpenForm.objects.open(request.user, obj)
        context |= {
            "form_key": form_key(request.POST.get("key")),
            "base": base,
            "is_restored": "_restore" in request.POST,
            "offered": None if is_sent else self._offered(request, obj),
            "others": _others(request.user, obj) if change else [],
        }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        WorkingDraft.objects.close(request.user, form.instance, request.POST, is_new=not change)

    def _parts(self, request, article) -> StoryParts:
        """Of the form as it would open now."""
        fieldsets = self.get_fieldsets(request, article)
        form_class = self.get_form(
            request, article, change=article is not None, fields=flatten_fieldsets(fieldsets)
        )
        form = form_class(instance=article)
        formsets = [
            formset_class(
                instance=form.instance,
                prefix=formset_class.get_default_prefix(),
                queryset=inline.get_queryset(request),
            )
            for formset_class, inline in self.get_formsets_with_inlines(request, article)
        ]
        return StoryParts(form, formsets, flatten_fieldsets(fieldsets))

    def _restored(self, request, article) -> QueryDict:
        """What was typed, on the rows of today; as old as it was, so that a newer save is noticed."""
        mine = request.POST
        if mine["_restore"] == "kept":
            drafts = WorkingDraft.objects.unsaved().filter(user=request.user)
            mine = get_object_or_404(drafts, pk=_number(mine.get("draft", ""))).data
        parts = self._parts(request, article)
        data = parts.merged(mine, parts.saved())
        for name in ("key", "base", "loaded_at"):
            data[name] = mine.get(name, "")
        data["_restore"] = "1"
        return data

    # Two people

    def _conflict(self, request, article):
        """Mine beside what somebody saved, part by part; or, if they are the same, the story as it is saved."""
        mine = request.POST
        parts = self._parts(request, article)
        saved = parts.saved()
        differing = parts.differing(mine, saved)
        if not differing:
            return self._saved_already(request, article)
        WorkingDraft.objects.keep(request.user, article, _with_new_key(mine))
        base = _base(mine)
        newest = ArticleVersion.objects.of(article).select_related("made_by").first()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Two people wrote in this story"),
            "opts": self.opts,
            "original": article,
            "saved_by": newest
            and newest.made_by
            and newest.made_by != request.user
            and person_name(newest.made_by),
            "choices": [_choice(parts, part, mine, saved, base) for part in differing],
            "pairs": [(name, value) for name, value in typed_in(mine) if name not in ("base", "loaded_at")],
            "base": mine.get("base", ""),
            "seen": article.modified_at.isoformat(),
            "seen_base": json.dumps(parts.digests(saved)),
            "files": [upload.name for upload in request.FILES.values()],
        }
        return TemplateResponse(request, "admin/articles/article/conflict.html", context)

    def _decided(self, request, article) -> tuple[QueryDict, bool]:
        """The merged form, and whether each difference was decided; another save meanwhile is a conflict again."""
        mine = request.POST
        parts = self._parts(request, article)
        saved = parts.saved()
        differing = parts.differing(mine, saved)
        if not all(mine.get(f"_take-{part}") in ("mine", "saved") for part in differing):
            return mine, False
        taken = [part for part in differing if mine[f"_take-{part}"] == "saved"]
        data = parts.merged(mine, saved, taken)
        data["loaded_at"], data["base"] = mine.get("_seen", ""), mine.get("_seen_base", "")
        data["key"], data["_continue"] = mine.get("key", ""), "1"
        return data, True

    def _keep_unsavable(self, request, object_id):
        """The form was sent, but the story is gone, has moved on, or the right to edit it is."""
        id = _number(object_id)
        article = Article.objects.filter(pk=id).first()
        drafts = WorkingDraft.objects.filter(user=request.user, key=form_key(request.POST.get("key")))
        sent_before = drafts.filter(is_saved=True).first()
        if sent_before and sent_before.fields == typed_in(request.POST):
            story = article or Article.objects.filter(pk=sent_before.story_id).first()
            return self._saved_already(request, story)
        if not self._may_keep(request, id, article):
            return super().changeform_view(request, object_id)
        draft = WorkingDraft.objects.keep(request.user, article, _with_new_key(request.POST))
        messages.warning(request, self._why_not(article))
        return redirect("admin:articles_article_draft", draft.pk)

    def _saved_already(self, request, article):
        """Of a form that was sent twice."""
        messages.info(request, _("The story is saved already."))
        if article and policy.may_view(request.user, article):
            return redirect("admin:articles_article_change", article.pk)
        return redirect("admin:articles_article_changelist")

    def presence_view(self, request, id):
        """Told every 20 seconds by a browser with the form open; answers who else has, and the newest save."""
        article = get_object_or_404(
            Article.objects.only("pk", "status", "section", "created_by", "modified_at"), pk=id
        )
        if not policy.may_view(request.user, article):
            return JsonResponse({}, status=403)
        if "left" in request.POST:
            OpenForm.objects.filter(user=request.user, article=article).delete()
            return JsonResponse({})
        if policy.may_edit(request.user, article):
            OpenForm.objects.open(request.user, article)
        return JsonResponse(
            {
                "others": _others(request.user, article),
                "saved": article.modified_at.isoformat(),
                "saved_at": date_format(timezone.localtime(article.modified_at), "H:i"),
            }
        )


def _others(user, article) -> list[str]:
    """Sentences on who else has the form open."""
    return [
        _("%(person)s has had this story open since %(time)s.")
        % {"person": person_name(each.user), "time": time_format(timezone.localtime(each.opened_at), "H:i")}
        for each in OpenForm.objects.alive().filter(article=article).exclude(user=user)
    ]


def _number(sent: str) -> int | None:
    """The number of a row as a browser sends it; None for what is none."""
    return int(sent) if sent.isdecimal() and len(sent) < 19 else None


def _base(data: QueryDict) -> dict[str, str]:
    """The digests with which the form was opened; none if somebody has tampered with them."""
    try:
        base = json.loads(data.get("base", ""))
    except (ValueError, RecursionError):
        return {}
    return {part: str(digest) for part, digest in base.items()} if isinstance(base, dict) else {}


def _choice(parts: StoryParts, part: str, mine: QueryDict, saved: QueryDict, base: dict[str, str]) -> dict:
    """One difference; what only one person changed is taken from that person, the rest is to be chosen."""
    own, other = parts.digest(part, mine), parts.digest(part, saved)
    began = base.get(part)
    default = {other: "mine", own: "saved"}.get(began, "") if began else ""
    own_lines, other_lines = parts.lines(part, mine), parts.lines(part, saved)
    return {
        "name": part,
        "label": parts.label(part),
        "default": default,
        "mine": [(line, line not in other_lines) for line in own_lines],
        "saved": [(line, line not in own_lines) for line in other_lines],
        "looks_same": own_lines == other_lines,
    }


def _with_new_key(data: QueryDict) -> QueryDict:
    """For a form that was saved once and is sent again with other words."""
    data = data.copy()
    if WorkingDraft.objects.filter(key=form_key(data.get("key")), is_saved=True).exists():
        del data["key"]
    return data


def _calm(context: dict) -> None:
    """What is given back is not judged before it is sent."""
    form = context["adminform"].form
    formsets = [each.formset for each in context["inline_admin_formsets"]]
    for each in [form, *(row for formset in formsets for row in formset.forms)]:
        each._errors = ErrorDict()
    for formset in formsets:
        formset._errors, formset._non_form_errors = [{} for _row in formset.forms], formset.error_class()
    context["errors"] = []
