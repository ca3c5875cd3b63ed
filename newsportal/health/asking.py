"""A question to the database on a connection of its own, answered within a time or not at all."""

import time
from contextlib import closing

import psycopg2
from django.db import connections

from articles.generation import wait
from newsportal.replica import PRIMARY

PATIENCE = 2  # seconds


class Unreachable(Exception):
    """The database said nothing in time, or refused; the text is its reason."""


def ask(*questions: str, alias: str = PRIMARY) -> list[list[tuple]]:
    """The rows of each question. A server that is frozen, full or gone costs no more than the patience."""
    until = time.monotonic() + PATIENCE
    try:
        with closing(psycopg2.connect(**connections[alias].get_connection_params(), async_=True)) as asked:
            wait(asked, until)
            answers = []
            with asked.cursor() as cursor:
                for question in questions:
                    cursor.execute(question)
                    wait(asked, until)
                    answers.append(cursor.fetchall())
            return answers
    except TimeoutError:
        raise Unreachable(f"no answer within {PATIENCE} s") from None
    except psycopg2.Error as error:
        raise Unreachable(str(error).strip().partition("\n")[0]) from error
