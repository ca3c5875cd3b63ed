"""Accounts, sections of work and groups, through the admin."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.urls import reverse

from articles.models import Assignment
from newsportal import roles
from tests.factory import make_section, make_user

pytestmark = pytest.mark.django_db


def account_url(user):
    return reverse("admin:auth_user_change", args=[user.pk])


def account_data(user, **fields):
    return {
        "username": user.username,
        "is_active": "on",
        "is_staff": "on",
        "assignment-TOTAL_FORMS": 1,
        "assignment-INITIAL_FORMS": int(Assignment.objects.filter(user=user).exists()),
        **fields,
    }


def test_sections_of_work_are_ticked_in_the_account(client):
    client.force_login(make_user("Quản trị"))
    person, section = make_user("Biên tập"), make_section("An ninh")

    client.post(account_url(person), account_data(person, **{"assignment-0-sections": [section.pk]}))

    assert list(person.assignment.sections.all()) == [section]


def test_administrator_by_group_neither_makes_nor_changes_superusers(client):
    client.force_login(make_user("Quản trị"))
    person, above = make_user("Người viết"), make_user(is_superuser=True)

    client.post(account_url(person), account_data(person, is_superuser="on"))
    changed = client.post(account_url(above), account_data(above, first_name="Đổi"))
    password = client.get(reverse("admin:auth_user_password_change", args=[above.pk]))
    login = client.post(reverse("admin:auth_user_access", args=[above.pk]), {"remove_second_factor": 1})

    assert not User.objects.get(pk=person.pk).is_superuser
    assert (changed.status_code, password.status_code, login.status_code) == (403, 403, 403)


def test_rights_of_a_group_are_ticked_by_the_names_of_the_work(admin_client):
    group = Group.objects.get(name="Biên tập")
    url = reverse("admin:auth_group_change", args=[group.pk])

    html = admin_client.get(url).content.decode()
    admin_client.post(url, {"name": group.name, "rights": ["write", "figures"]})

    assert "Sửa và trả lại tin của người khác" in html
    assert set(roles.held(group)) == {"write", "figures"}
    assert not make_user("Biên tập").has_perm("articles.review_article")


def test_groups_of_a_new_site_hold_the_rights_of_their_names():
    held = {group.name: set(roles.held(group)) for group in Group.objects.all()}

    assert held["Người viết"] == {"write"}
    assert held["Biên tập"] == {"write", "review"}
    assert held["Xuất bản"] == {"write", "review", "publish", "authorship"}
    assert held["Xem thống kê"] == {"figures", "figure_notes"}
    assert held["Quản trị"] >= {"sections", "newsroom", "site", "people"}


def test_only_superusers_decide_what_a_group_may_do(client):
    client.force_login(make_user("Quản trị"))

    assert client.get(reverse("admin:auth_group_changelist")).status_code == 403


def test_group_with_members_is_not_deleted(admin_client):
    member = make_user("Biên tập")

    response = admin_client.post(
        reverse("admin:auth_group_delete", args=[member.groups.get().pk]), {"post": "yes"}
    )

    assert response.status_code == 403


def test_editors_of_an_earlier_version_still_publish(monkeypatch):
    """When publishing became a group of its own, nobody lost a right."""
    editors = Group.objects.get(name="Biên tập")
    editors.permissions.add(Permission.objects.get(codename="publish_article"))
    editor = make_user("Biên tập")
    for config in apps.get_app_configs():  # the migration sets it anew
        monkeypatch.setattr(config, "models_module", config.models_module)

    import_module("newsportal.migrations.0004_newsroom_roles").make_roles(apps, None)

    assert User.objects.get(pk=editor.pk).has_perm("articles.publish_article")
    assert not make_user("Biên tập").has_perm("articles.publish_article")
