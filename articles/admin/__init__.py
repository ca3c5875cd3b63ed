"""The newsroom's desk in Django's admin."""

from .articles import ArticleAdmin
from .photos import PhotoAdmin
from .subjects import AuthorAdmin, SectionAdmin, TopicAdmin

__all__ = ["ArticleAdmin", "AuthorAdmin", "PhotoAdmin", "SectionAdmin", "TopicAdmin"]
