"""Kept pages: what makes them old, and what can never get into one."""

from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.contrib.flatpages.models import FlatPage
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Attachment, Author, Correction, Photo, RelatedLink, Section, Topic
from newsportal.models import LinkGroup, SiteIdentity, WebsiteLink
from tests.articles.test_workflow import take_step
from tests.factory import figure, make_article, make_byline, make_photo, make_section, make_user, picture_file

pytestmark = pytest.mark.django_db
