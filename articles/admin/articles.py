"""Stories in the admin: list, form, steps, preview, import of Word files."""

from functools import partial

from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Prefetch, Q
from django.forms import URLInput
from django.http import HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext, override, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from articles import checking, finding, policy, sharing, versions, workflow
from articles.beside import beside, common_to
from articles.fields import URLField
from articles.forms import ArticleForm, OrderedFormSet, OrderedRow, WordImportForm
from articles.log import change_message
from articles.models import Article, ArticleVersion, Attachment, Byline, HistoryEntry, OpenForm, RelatedLink
from articles.people import person_name
from articles.widgets import photo_dialog_settings
from newsportal import languages
from newsportal.found_by_name import FindsByName, FoundByName

from .bulk import BulkSteps
from .checks import StoryChecks
from .corrections import StoryCorrections
from .drafts import StoryDrafts
from .lists import AuthorFilter, FoldedSearch, ShortPaginator, StateFilter
from .sharing import StorySharing
from .steps import StorySteps
from .trash import Trash
from .versions import StoryVersions

FOR_PUBLISHERS = {"published_at", "expires_at", "embargo_until", "is_update", "featured_place"}


def delete_files_later(article: Article) -> None:
    """Removes the files of attachments, old versions' included, once the story is gone for good."""
    names = set(article.attachments.values_list("file", flat=True))
    for content in article.versions.values_list("content", flat=True):
        names |= {row["file"] for row in content.get("attachments", [])}
    for name in names:
        transaction.on_commit(partial(Attachment.file.field.storage.delete, name))


class BylineInline(FindsByName, admin.TabularInline):
    model = Byline
    form = OrderedRow
    formset = OrderedFormSet
    fields = ["author", "role", "order"]
    autocomplete_fields = ["author"]
    extra = 1
    column = "aside"

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("author")


class RelatedLinkInline(FindsByName, admin.TabularInline):
    model = RelatedLink
    fk_name = "article"
    form = OrderedRow
    formset = OrderedFormSet
    fields = ["target", "url", "title", "order"]
    autocomplete_fields = ["target"]
    view_on_site = False
    formfield_overrides = {URLField: {"widget": URLInput}}  # the admin's own repeats the address
    extra = 1
    column = "main"

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "target":
            field.widget.can_add_related = False
        return field

    def get_queryset(self, request):
        texts = [f"target__{name}" for name in ("body", "body_html", "body_text", "folded")]
        return super().get_queryset(request).select_related("target").defer(*texts)

    def get_formset(self, request, obj=None, **kwargs):
        """The form shows the headline of a chosen story: only those the person may see, and what is chosen already."""
        formset = super().get_formset(request, obj, **kwargs)
        if target := formset.form.base_fields.get("target"):
            seen = policy.visible(request.user, Article.objects.filter(next_of=None)).order_by().values("pk")
            chosen = RelatedLink.objects.filter(article=obj).order_by().values("target")
            target.queryset = Article.objects.filter(Q(pk__in=seen) | Q(pk__in=chosen)).only("headline")
        return formset


class AttachmentInline(admin.TabularInline):
    model = Attachment
    form = OrderedRow
    formset = OrderedFormSet
    fields = ["file", "title", "order"]
    extra = 1
    column = "main"


@admin.register(Article)
class ArticleAdmin(
    StorySteps,
    StoryChecks,
    BulkSteps,
    StoryDrafts,
    StoryVersions,
    StoryCorrections,
    StorySharing,
    Trash,
    FindsByName,
    FoldedSearch,
):
    audit_kind = None  # workflow.note records the steps, save_related the times
    form = ArticleForm
    change_form_template = "admin/articles/article/change_form.html"
    list_display = ["thumbnail", "headline_and_kicker", "section", "state", "signed_by", "time"]
    list_display_links = ["headline_and_kicker"]
    list_filter = [StateFilter, "section", AuthorFilter, "published_at"]
    list_per_page = 50
    paginator = ShortPaginator
    sortable_by = ["time"]
    show_full_result_count = False
    autocomplete_fields = ["section", "topics", "translation_of"]
    ordering = ["-modified_at", "-id"]
    fieldsets = [
        (None, {"classes": ["column-main"], "fields": ["kicker", "headline", "slug", "lead", "body"]}),
        (
            _("Publication"),
            {
                "classes": ["column-aside"],
                "fields": [
                    "section",
                    "published_at",
                    "embargo_until",
                    "expires_at",
                    "is_update",
                    "loaded_at",
                    "key",
                ],
            },
        ),
        (_("On lists"), {"classes": ["column-aside"], "fields": ["lead_photo", "featured_place", "topics"]}),
        (_("Language"), {"classes": ["column-aside", "collapse"], "fields": ["language", "translation_of"]}),
        (
            _("Source and details"),
            {
                "classes": ["column-aside", "collapse"],
                "fields": ["genre", "source_name", "source_url", "dateline", "show_time"],
            },
        ),
    ]
    inlines = [BylineInline, RelatedLinkInline, AttachmentInline]

    # Lists

    def get_queryset(self, request):
        return (
            policy.visible(request.user, super().get_queryset(request))
            .select_related("section", "lead_photo")
            .prefetch_related("bylines__author", Prefetch("open_forms", OpenForm.objects.alive()))
        )

    @admin.display(description=_("photo"))
    def thumbnail(self, article):
        if article.lead_photo is None:
            return format_html('<span class="{}"></span>', "thumbnail thumbnail--none")
        return format_html(
            '<img class="thumbnail" src="{}" alt="" width="96" height="64" loading="lazy">',
            article.lead_photo.thumbnail_url,
        )

    @admin.display(description=_("headline"))
    def headline_and_kicker(self, article):
        notes = [gettext("Next version of a published story")] if article.next_of_id else []
        notes += [
            gettext("%(person)s has it open") % {"person": person_name(form.user)}
            for form in article.open_forms.all()
        ]
        return format_html(
            '<span class="kicker">{}</span>{}<span class="next-version">{}</span>',
            article.kicker, article.headline, ". ".join(notes),
        )  # fmt: skip

    @admin.display(description=_("status"))
    def state(self, article):
        return format_html('<span class="state state--{}">{}</span>', article.state_name, article.state)

    @admin.display(description=_("author"))
    def signed_by(self, article):
        return ", ".join(dict.fromkeys(byline.author.pen_name for byline in article.bylines.all())) or "–"

    @admin.display(description=_("published at"), ordering="published_at")
    def time(self, article):
        return article.published_at

    def get_search_results(self, request, queryset, search_term):
        is_chooser = request.GET.get("field_name") in ("target", "translation_of")
        if search_term.strip():
            most = finding.RANKED if is_chooser else finding.COUNTED
            queryset = queryset.filter(pk__in=finding.for_staff(search_term, most))
        if is_chooser:
            # The choosers of related news and of a translation: the likeliest first, and not what readers will never see.
            never = [Article.Status.WITHDRAWN, Article.Status.TRASHED]
            queryset = queryset.filter(next_of=None).exclude(status__in=never).best_first(search_term)
        return queryset, False

    def get_list_filter(self, request):
        filters = super().get_list_filter(request)
        return [*filters, "language"] if languages.identity(request).has_english else filters

    # Rights

    def has_view_permission(self, request, obj=None):
        return super().has_view_permission(request) and (obj is None or policy.may_view(request.user, obj))

    def has_change_permission(self, request, obj=None):
        if obj is None:
            return super().has_change_permission(request)
        return policy.may_edit(request.user, obj)

    def has_delete_permission(self, request, obj=None):
        """For good, and only out of the trash; a story that readers saw never gets there."""
        allowed = super().has_delete_permission(request, obj) and policy.may_publish(request.user)
        return allowed and (
            obj is None or (obj.status == Article.Status.TRASHED and policy.works_in(request.user, obj))
        )

    def get_actions(self, request):
        """No bulk deletion: it asks for no permission story by story."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    # Form

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.user = request.user
        return form

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in ("section", "lead_photo", "translation_of"):
            field.widget.can_add_related = False
        if isinstance(field.widget, AdminSplitDateTime):
            for part, name in zip(field.widget.widgets, (gettext("date"), gettext("time")), strict=True):
                part.attrs["aria-label"] = f"{capfirst(field.label)}: {name}"
        return field

    def get_fieldsets(self, request, obj=None):
        """Only who publishes sets times, the place on the home page and the “Updated” date; who only reads, reads."""
        hidden = set() if policy.may_publish(request.user) else FOR_PUBLISHERS
        reads_only = obj is not None and not policy.may_edit(request.user, obj)
        hidden = {*hidden, "loaded_at" if obj is None else "key"}
        if not languages.identity(request).has_english:
            hidden = {*hidden, "language", "translation_of"}
        if reads_only:
            hidden = {*hidden, "loaded_at"}
        if reads_only or obj is None or not (obj.next_of_id or obj.withdrawn_at):
            hidden = {*hidden, "is_update"}  # there is nothing yet that readers saw
        fieldsets = []
        for name, options in super().get_fieldsets(request, obj):
            fields = [field for field in options["fields"] if field not in hidden]
            if not fields:
                continue
            if reads_only:
                fields = ["rendered_body" if field == "body" else field for field in fields]
            fieldsets.append((name, {**options, "fields": fields}))
        return fieldsets

    @admin.display(description=pgettext_lazy("of a story", "body"))
    def rendered_body(self, article):
        # Cleaned and rendered by articles/body.py when it was saved.
        return format_html('<div class="story-text">{}</div>', mark_safe(article.body_html))  # noqa: S308

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        article = obj or Article(created_by=request.user)
        steps = workflow.steps_for(request.user, article)
        context |= {
            "steps": steps,
            "next_step": next((step for step in steps if step.leads_on), None),
            "may_edit": add or policy.may_edit(request.user, article),
            "may_see_links": not add and policy.may(request.user, policy.Right.WRITE, article),
            "may_begin_next": policy.may_begin_next(request.user, article),
            "saved_state": article.state,
            "saved_state_name": article.state_name,
            "story_history": [] if add else HistoryEntry.objects.of(article)[:6],
            "returned": self._returned(article),
            "answers": [] if add else sharing.answers_on(article),
            "next_version": None if add else Article.objects.filter(next_of=article).first(),
            "photo_dialog": photo_dialog_settings(),
        }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _returned(self, article) -> HistoryEntry | None:
        """What the writer is to mend comes before the text, not among the steps below it."""
        if article.status != Article.Status.RETURNED:
            return None
        return HistoryEntry.objects.of(article).filter(step="return").first()

    def save_model(self, request, article, form, change):
        if not change:
            article.form_key = form.cleaned_data.get("key")
        super().save_model(request, article, form, change)

    def save_related(self, request, form, formsets, change):
        """Once its rows are saved too, the story is whole: a version is kept, and the step taken."""
        super().save_related(request, form, formsets, change)
        article = form.instance
        if any(name in versions.TIMES for name in form.changed_data):
            workflow.note_times(article, request.user)
        if form.step is None or not form.step.leads_on:
            versions.record(article, ArticleVersion.Kind.SAVED, request.user)
        if form.step:
            article = workflow.take(form.step, article, user=request.user, reason=form.reason)
        request.story = article  # of a next version that was published, the story that readers see

    def construct_change_message(self, request, form, formsets, add=False):
        step = form.step and gettext("%(step)s: %(state)s.") % {
            "step": form.step.label,
            "state": request.story.state,
        }
        return change_message(form, formsets, add, step=step or "")

    def log_change(self, request, obj, message):
        return super().log_change(request, getattr(request, "story", obj), message)

    def add_view(self, request, form_url="", extra_context=None):
        """The browser's way back to a form that has made its story, or a second press, leads to that story."""
        if request.method == "GET" and (story := Article.objects.made_by_form(request.GET.get("key"))):
            return redirect("admin:articles_article_change", story.pk)
        try:
            return super().add_view(request, form_url, extra_context)
        except IntegrityError:
            if story := Article.objects.made_by_form(request.POST.get("key")):
                return redirect("admin:articles_article_change", story.pk)
            raise

    def response_add(self, request, obj, post_url_continue=None):
        return self._response(request) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        return self._response(request) or super().response_change(request, obj)

    def _response(self, request):
        """Stays with the story after a step, and shows it after “Save and preview”."""
        article = request.story
        if "_preview" in request.POST:
            return HttpResponseRedirect(reverse("admin:articles_article_preview", args=[article.pk]))
        if request.POST.get("_step") in workflow.STEPS:
            self.tell_of_step(request, article)
            return HttpResponseRedirect(reverse("admin:articles_article_change", args=[article.pk]))
        return None

    def get_view_on_site_url(self, obj=None):
        """Only where readers find a page; a refused form may have emptied its address."""
        if not obj or not obj.slug or obj.state_name != Article.Status.PUBLISHED:
            return None
        return super().get_view_on_site_url(obj)

    def delete_model(self, request, article):
        delete_files_later(article)
        workflow.note(article, "delete", request.user, before=article.status)
        super().delete_model(request, article)

    # Preview

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("<int:id>/preview/", never_cache(view(self.preview_view)), name="articles_article_preview"),
            path("link-choices/", view(self.link_choices_view), name="articles_article_link_choices"),
            path("import/", view(self.import_view), name="articles_article_import"),
            *super().get_urls(),
        ]

    def preview_view(self, request, id):
        """Any state of a story in the real template, for staff only."""
        article = get_object_or_404(Article.objects.for_page(), pk=id)
        if not policy.may_view(request.user, article):
            raise PermissionDenied
        context = {
            "article": article,
            "beside": beside(article, common_to(article)),
            "is_preview": True,
            "points": checking.points(article),
            "may_change": policy.may_edit(request.user, article)
            or policy.may_begin_next(request.user, article),
        }
        with override(article.language):
            response = render(request, "articles/article.html", context)
        response["X-Robots-Tag"] = "noindex"
        return response

    # Links in the text

    def link_choices_view(self, request):
        """Stories that readers see, for the dialog of links: the likeliest first, without words the newest."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        query = request.GET.get("q", "")[:200].strip()
        stories = Article.objects.published().for_card()
        if query:
            stories = stories.filter(pk__in=finding.for_staff(query, finding.RANKED)).best_first(query)
        return JsonResponse({"stories": [self._as_choice(story) for story in stories[:10]]})

    def _as_choice(self, story):
        date = date_format(timezone.localtime(story.published_at), "SHORT_DATE_FORMAT")
        return {
            "headline": story.headline,
            "address": story.get_absolute_url(),
            "facts": f"{story.section.name} · {date}",
        }

    # Import

    def import_view(self, request):
        """Word files become drafts; of one the draft opens, of several the list."""
        if not (self.has_add_permission(request) and request.user.has_perm("articles.add_photo")):
            raise PermissionDenied
        form = self._import_form(request)
        if form.is_valid():
            drafts, refusals = form.import_files()
            if not drafts:
                form.add_error("files", refusals)
            else:
                for sentence in refusals:
                    messages.error(request, sentence)
                for name, draft in drafts:
                    self._tell_of(request, name, draft, with_link=len(drafts) > 1)
                return redirect(self._behind_import([draft.article for _name, draft in drafts], request.user))
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Import from Word"),
            "opts": self.opts,
            "form": form,
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/articles/article/import.html", context)

    def _import_form(self, request) -> WordImportForm:
        # Who writes mostly writes for one section: the last one is there already.
        last = (
            Article.objects.filter(created_by=request.user).order_by("-id").values_list("section", flat=True)
        )
        form = WordImportForm(
            request.POST if request.method == "POST" else None,
            request.FILES if request.method == "POST" else None,
            initial={"section": last.first()},
            user=request.user,
        )
        form.fields["section"].widget = FoundByName(
            Article._meta.get_field("section"), self.admin_site, choices=form.fields["section"].choices
        )
        return form

    def _tell_of(self, request, name: str, draft, *, with_link: bool) -> None:
        self.log_addition(
            request, draft.article, gettext("Imported from the Word file “%(name)s”.") % {"name": name}
        )
        sentence = gettext("“%(name)s” is a draft now. Recognised: %(found)s.") % {
            "name": name,
            "found": draft.found,
        }
        if with_link:
            address = reverse("admin:articles_article_change", args=[draft.article.pk])
            sentence = format_html("{} <a href='{}'>{}</a>", sentence, address, draft.article.headline)
        to_do = [*draft.warnings, *(point.sentence for point in checking.points(draft.article))]
        if not to_do:
            messages.success(request, sentence)
            return
        points = format_html_join("", "<li>{}</li>", ((each,) for each in to_do))
        messages.warning(request, format_html("{}<br>{}<ul>{}</ul>", sentence, gettext("To check:"), points))

    def _behind_import(self, articles, user) -> str:
        if len(articles) == 1 and policy.may_edit(user, articles[0]):
            return reverse("admin:articles_article_change", args=[articles[0].pk])
        return reverse("admin:articles_article_changelist")
