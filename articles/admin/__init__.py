"""The newsroom's desk in Django's admin."""

from .articles import ArticleAdmin
from .newsroom import NewsroomSettingsAdmin
from .photos import PhotoAdmin
from .rates import RoyaltyRateAdmin
from .subjects import AuthorAdmin, SectionAdmin, TopicAdmin

__all__ = [
    "ArticleAdmin",
    "AuthorAdmin",
    "NewsroomSettingsAdmin",
    "PhotoAdmin",
    "RoyaltyRateAdmin",
    "SectionAdmin",
    "TopicAdmin",
]
