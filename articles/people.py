"""Names of staff."""


def person_name(user) -> str:
    """The family name first, as Vietnamese write it; without a name the login name."""
    return f"{user.last_name} {user.first_name}".strip() or user.get_username()
