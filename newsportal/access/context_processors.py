from django.contrib import admin


def frame(request):
    """allauth's pages stand in the admin's frame."""
    name = getattr(request.resolver_match, "url_name", None) or ""
    return admin.site.each_context(request) if name.startswith(("account_", "mfa_", "usersessions_")) else {}
