"""What the newsroom makes: sections, topics, authors, photos and the stories themselves."""

from .articles import Article, Byline, RelatedLink
from .attachments import ATTACHMENT_EXTENSIONS, Attachment
from .authors import Author
from .photos import Photo
from .sections import Section, Topic

__all__ = [
    "ATTACHMENT_EXTENSIONS",
    "Article",
    "Attachment",
    "Author",
    "Byline",
    "Photo",
    "RelatedLink",
    "Section",
    "Topic",
]
