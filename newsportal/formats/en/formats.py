"""Dates in English as everybody reads them alike: "Tuesday, 30 May 2023", "30 May 2023, 14:05".

Forms take them as Vietnamese ones do, day first: an American 11/12 would be another day for half the staff.
"""

from newsportal.formats.vi.formats import (  # noqa: F401
    DATE_INPUT_FORMATS,
    DATETIME_INPUT_FORMATS,
    FIRST_DAY_OF_WEEK,
    NUMBER_GROUPING,
    TIME_FORMAT,
    TIME_INPUT_FORMATS,
)

DATE_FORMAT = "l, j F Y"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "j M Y, H:i"
SHORT_DATE_FORMAT = "j M Y"
YEAR_MONTH_FORMAT = "F Y"
MONTH_DAY_FORMAT = "j F"
DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
