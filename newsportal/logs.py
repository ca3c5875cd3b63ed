"""The log as lines for people, or as JSON for programs.

Neither lets a strange text begin a line of its own, or tells an address that is a secret by itself.
"""

import json
import logging
import re
from datetime import UTC, datetime

CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")

SECRET = re.compile(r"(/xem-truoc/|/password_reset/)[^/\s]+")  # shared drafts, new passwords


class Lines(logging.Formatter):
    def formatMessage(self, record):
        message = SECRET.sub(r"\1-", super().formatMessage(record))
        return CONTROL.sub(lambda found: repr(found[0])[1:-1], message)


class JsonLines(logging.Formatter):
    def format(self, record):
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "message": SECRET.sub(r"\1-", record.getMessage()),
        }
        if entry := getattr(record, "entry", None):  # of the audit log
            line["entry"] = entry
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def logging_settings(form: str) -> dict:
    """For LOGGING; `form` is "line" or "json"."""
    stream = {"stream": "ext://sys.stdout"} if form == "json" else {}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": "newsportal.logs.Lines",
                "format": "{asctime} {levelname} {name}: {message}",
                "style": "{",
            },
            "json": {"()": "newsportal.logs.JsonLines"},
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": form, **stream}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            "django.request": {"level": "ERROR"},
            "newsportal.audit": {"level": "INFO" if form == "json" else "WARNING"},
        },
    }
