"""Identity, links to other websites and flat pages."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.contrib.flatpages.admin import FlatPageAdmin
from django.contrib.flatpages.forms import FlatpageForm
from django.contrib.flatpages.models import FlatPage
from django.contrib.sites.models import Site
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import ManyToManyField
from django.forms import Script
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from articles.fields import URLField
from articles.fold import nfc
from articles.forms import BodyField, OrderedFormSet, OrderedRow
from articles.log import ReadableLog
from articles.models import Assignment
from articles.widgets import BodyEditor

from . import languages, roles
from .access.people import LoginOfPerson
from .audit import admin as audit_admin  # noqa: F401 - registers it
from .audit.record import Kind
from .models import LinkGroup, PageInEnglish, SiteIdentity, WebsiteLink


class SiteIdentityForm(forms.ModelForm):
    class Meta:
        model = SiteIdentity
        fields = "__all__"  # noqa: DJ007 - the admin names them in its fieldsets
        widgets = {"accent": forms.TextInput(attrs={"type": "color"})}


@admin.register(SiteIdentity)
class SiteIdentityAdmin(ReadableLog, admin.ModelAdmin):
    form = SiteIdentityForm
    fieldsets = [
        (None, {"fields": ["name", "agency", "parent_agency", "emblem", "accent"]}),
        (_("Contact"), {"fields": ["address", "phone", "fax", "email"]}),
        (
            _("Footer"),
            {
                "fields": [
                    "person_responsible",
                    "licence_line",
                    "republish_notice",
                    "parent_portal_name",
                    "parent_portal_url",
                ]
            },
        ),
        (
            _("English"),
            {
                "classes": ["collapse"],
                "fields": ["has_english", *(f"{name}_en" for name in SiteIdentity.IN_ENGLISH)],
            },
        ),
    ]

    def changelist_view(self, request, extra_context=None):
        """There is one identity: straight to its form."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if SiteIdentity.objects.exists():
            return HttpResponseRedirect(reverse("admin:newsportal_siteidentity_change", args=[1]))
        return HttpResponseRedirect(reverse("admin:newsportal_siteidentity_add"))

    def has_add_permission(self, request):
        return super().has_add_permission(request) and not SiteIdentity.objects.exists()

    def has_delete_permission(self, request, obj=None):
        return False


class WebsiteLinkInline(admin.TabularInline):
    model = WebsiteLink
    form = OrderedRow
    formset = OrderedFormSet
    fields = ["title", "title_en", "url", "order"]
    formfield_overrides = {URLField: {"widget": forms.URLInput}}  # the admin's own repeats the address
    extra = 2


@admin.register(LinkGroup)
class LinkGroupAdmin(ReadableLog, admin.ModelAdmin):
    list_display = ["name", "order"]
    fields = ["name", "name_en", "order"]
    inlines = [WebsiteLinkInline]

    class Media:
        js = [Script("js/admin/row_order.js", type="module")]


class PageForm(FlatpageForm):
    class Meta(FlatpageForm.Meta):
        widgets = {"content": BodyEditor(with_photos=False)}
        field_classes = {"content": BodyField}

    def clean_title(self):
        return nfc(self.cleaned_data["title"])

    def clean_url(self):
        url = super().clean_url()
        if not url.strip("/"):
            raise ValidationError(_("Give the page an address of its own, such as /gioi-thieu/."))
        return url

    def clean(self):
        """There is one site, so nobody is asked for it."""
        self.cleaned_data["sites"] = Site.objects.filter(pk=settings.SITE_ID)
        return super().clean()


class EnglishForm(forms.ModelForm):
    class Meta:
        model = PageInEnglish
        fields = ["title", "content"]
        widgets = {"content": BodyEditor(with_photos=False)}
        field_classes = {"content": BodyField}


class EnglishInline(admin.StackedInline):
    """Who may change the page writes its English words."""

    model = PageInEnglish
    form = EnglishForm
    classes = ["collapse"]

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("flatpages.view_flatpage")

    def has_change_permission(self, request, obj=None):
        return request.user.has_perm("flatpages.change_flatpage")

    has_add_permission = has_delete_permission = has_change_permission


admin.site.unregister(FlatPage)


@admin.register(FlatPage)
class PageAdmin(ReadableLog, FlatPageAdmin):
    form = PageForm
    fieldsets = [(None, {"fields": ["title", "url", "content"]})]
    list_display = ["title", "url"]
    list_filter = []

    def get_inlines(self, request, obj):
        return [EnglishInline] if languages.identity(request).has_english else []

    def get_view_on_site_url(self, obj=None):
        return obj and obj.get_absolute_url()

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        form.instance.sites.set(form.cleaned_data["sites"])


admin.site.unregister([User, Group, Site, EmailAddress, Authenticator, UserSession])


def decides_on_rights(request, person: User | None) -> bool:
    """Nobody but superusers changes what he himself may do."""
    return request.user.is_superuser or person != request.user


class AssignmentInline(admin.StackedInline):
    """Who may change the account says where the person works."""

    model = Assignment
    fields = ["sections"]
    can_delete = False
    formfield_overrides = {ManyToManyField: {"widget": forms.CheckboxSelectMultiple}}

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("auth.view_user")

    def has_change_permission(self, request, obj=None):
        return request.user.has_perm("auth.change_user") and decides_on_rights(request, obj)

    has_add_permission = has_change_permission

    def formfield_for_manytomany(self, db_field, request=None, **kwargs):
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        field.widget.can_add_related = False
        return field


@admin.register(User)
class StaffAdmin(LoginOfPerson, ReadableLog, UserAdmin):
    """Rights come from the groups; single permissions would be a list of English names.

    Administrators by group manage everybody but superusers and their own rights, and make no superusers.
    """

    audit_kind = Kind.PEOPLE
    inlines = [AssignmentInline]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Person"), {"fields": ["last_name", "first_name", "email"]}),
        (_("Rights"), {"fields": ["is_active", "is_staff", "groups", "is_superuser"]}),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["username", "last_name", "first_name", "email", "password1", "password2"]}),
    ]
    readonly_fields = ["last_login", "date_joined"]
    list_display = ["username", "full_name", "group_names", "is_active", "last_login"]
    list_filter = ["is_active", "groups"]
    show_facets = admin.ShowFacets.NEVER
    filter_horizontal = []

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("groups")

    def get_inlines(self, request, obj):
        """A new account has a name and a password first. Django would offer a row to whom it is closed."""
        is_shown = obj and (decides_on_rights(request, obj) or Assignment.objects.filter(user=obj).exists())
        return self.inlines if is_shown else []

    def get_readonly_fields(self, request, obj=None):
        superuser = [] if request.user.is_superuser else ["is_superuser"]
        own_rights = [] if decides_on_rights(request, obj) else ["is_active", "is_staff", "groups"]
        return [*self.readonly_fields, *superuser, *own_rights]

    def has_change_permission(self, request, obj=None):
        is_above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return super().has_change_permission(request, obj) and not is_above

    def has_delete_permission(self, request, obj=None):
        """Accounts are locked, not deleted: the log of all they did would go with them."""
        return False

    def audit_state(self, user):
        assignment = Assignment.objects.filter(user=user).first()
        groups = sorted(user.groups.values_list("name", flat=True))
        flags = [name for name in ("is_active", "is_staff", "is_superuser") if getattr(user, name)]
        parts = [
            (_("groups"), groups),
            (
                _("sections"),
                sorted(section.name for section in assignment.sections.all()) if assignment else [],
            ),
            (_("rights"), [str(User._meta.get_field(name).verbose_name) for name in flags]),
        ]
        return "; ".join(f"{name}: {', '.join(words) or '–'}" for name, words in parts)

    @admin.display(description=_("name"), ordering="last_name")
    def full_name(self, user):
        return f"{user.last_name} {user.first_name}".strip() or "–"

    @admin.display(description=_("groups"))
    def group_names(self, user):
        if user.is_superuser:
            return _("Administrator")
        return ", ".join(group.name for group in user.groups.all()) or "–"

    def formfield_for_manytomany(self, db_field, request=None, **kwargs):
        if db_field.name == "groups":
            kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class RoleForm(forms.ModelForm):
    rights = forms.MultipleChoiceField(
        label=_("rights"),
        choices=[(bundle.name, bundle.label) for bundle in roles.BUNDLES],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Group
        fields = ["name"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["rights"] = roles.held(self.instance)


@admin.register(Group)
class RoleAdmin(ReadableLog, admin.ModelAdmin):
    """Groups by the rights that a newsroom speaks of; only superusers decide who may do what."""

    audit_kind = Kind.PEOPLE
    form = RoleForm
    fields = ["name", "rights"]
    list_display = ["name", "members"]

    def audit_state(self, group):
        return f"{_('rights')}: {', '.join(roles.held(group)) or '–'}"

    @admin.display(description=_("members"))
    def members(self, group):
        return group.user_set.filter(is_active=True).count()

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        roles.give(form.instance, form.cleaned_data["rights"])

    def has_module_permission(self, request):
        return request.user.is_superuser

    def has_view_permission(self, request, obj=None):
        return request.user.is_superuser

    def has_add_permission(self, request):
        return request.user.is_superuser

    def has_change_permission(self, request, obj=None):
        return request.user.is_superuser

    def has_delete_permission(self, request, obj=None):
        """A group with members stays: they would lose their rights without a word."""
        return request.user.is_superuser and not (obj and obj.user_set.exists())

    def get_actions(self, request):
        return {}
