"""What the newsroom makes: sections, topics, authors, photos and the stories themselves."""

from .articles import Article
from .attachments import ATTACHMENT_EXTENSIONS, Attachment
from .authors import Author
from .authorship import Authorship, RoyaltyRate
from .corrections import Correction
from .drafts import OpenForm, StaleDraft, WorkingDraft
from .history import ArticleVersion, HistoryEntry
from .newsroom import Assignment, NewsroomSettings
from .notices import Notice
from .page_changes import PageChange
from .photos import Photo
from .rows import Byline, Filing, RelatedLink
from .searches import MissedSearch
from .sections import Section, Topic
from .sharing import Answer, SharedLink

__all__ = [
    "ATTACHMENT_EXTENSIONS",
    "Answer",
    "Article",
    "ArticleVersion",
    "Assignment",
    "Attachment",
    "Author",
    "Authorship",
    "Byline",
    "Correction",
    "Filing",
    "HistoryEntry",
    "MissedSearch",
    "NewsroomSettings",
    "Notice",
    "OpenForm",
    "PageChange",
    "Photo",
    "RelatedLink",
    "RoyaltyRate",
    "Section",
    "SharedLink",
    "StaleDraft",
    "Topic",
    "WorkingDraft",
]
