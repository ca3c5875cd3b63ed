"""What settings.py takes over as it is: allauth's settings, hashers and the profiles of passwords."""

from django.core.exceptions import ImproperlyConfigured

# Passwords kept by another one of these are hashed anew at the next login.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher",
]
# The longest waits last: a refused attempt uses up nothing of those that come after it.
FAILED_ATTEMPTS = "5/15m/key,10/3h/key,20/d/key"

ALLAUTH = {
    "ACCOUNT_ADAPTER": "newsportal.access.adapters.AccountAdapter",
    "ACCOUNT_EMAIL_NOTIFICATIONS": True,
    "ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS": False,  # strangers' mailboxes get nothing from the portal
    "ACCOUNT_EMAIL_VERIFICATION": "none",  # addresses are entered by administrators
    "ACCOUNT_LOGOUT_REDIRECT_URL": "account_login",
    "ACCOUNT_RATE_LIMITS": {
        "login": "60/m/ip",
        "login_failed": f"60/m/ip,{FAILED_ATTEMPTS}",
        # The key is the address that was typed, known or not: nobody fills a colleague's mailbox, nor learns of it.
        "reset_password": "20/m/ip,3/h/key,5/d/key",
    },
    "ACCOUNT_SESSION_REMEMBER": False,  # the cookie ends with the browser
    "MFA_ADAPTER": "newsportal.access.adapters.SecondFactorAdapter",
    "MFA_FORMS": {
        "authenticate": "newsportal.access.forms.CodeForm",
        "reauthenticate": "newsportal.access.forms.CodeAgainForm",
    },
    "MFA_PASSKEY_LOGIN_ENABLED": True,
    "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
    "MFA_TOTP_TOLERANCE": 1,  # steps of 30 seconds that a telephone's clock may be off
}

DJANGO_VALIDATION = "django.contrib.auth.password_validation"
COMMON = [
    {"NAME": f"{DJANGO_VALIDATION}.UserAttributeSimilarityValidator"},
    {"NAME": f"{DJANGO_VALIDATION}.CommonPasswordValidator"},
    {"NAME": "newsportal.access.passwords.SiteWordsValidator"},
]


def _length(least: int) -> dict:
    return {"NAME": f"{DJANGO_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": least}}


PASSWORD_PROFILES = {
    # OWASP ASVS 5: long, not common, not of the context; nothing about kinds of characters, no age.
    "default": {"AUTH_PASSWORD_VALIDATORS": [_length(12), *COMMON], "PASSWORD_MAX_AGE_DAYS": 0},
    # TCVN 14423:2026, level 3: four kinds of characters, two months, not one of the last ten, an own one
    # after the first login.
    "tcvn14423": {
        "AUTH_PASSWORD_VALIDATORS": [
            _length(14),
            *COMMON,
            {"NAME": "newsportal.access.passwords.CharacterKindsValidator"},
            {"NAME": "newsportal.access.passwords.HistoryValidator"},
        ],
        "PASSWORD_MAX_AGE_DAYS": 60,
    },
}


def password_settings(profile: str) -> dict:
    try:
        return PASSWORD_PROFILES[profile]
    except KeyError:
        names = ", ".join(PASSWORD_PROFILES)
        raise ImproperlyConfigured(f"PASSWORD_PROFILE takes one of {names}, not “{profile}”.") from None
