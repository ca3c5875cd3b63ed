from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.blocks import RichTextBlock, StructBlock
from wagtail.fields import StreamField
from wagtail.images.blocks import ImageChooserBlock
from wagtail.models import Orderable, Page


class SectionPage(Page):
    template = "wagtail_site/section_page.html"


class PhotoBlock(StructBlock):
    image = ImageChooserBlock()
    caption = RichTextBlock()

    class Meta:
        template = "wagtail_site/photo.html"


class StoryPage(Page):
    kicker = models.CharField(max_length=200, blank=True)
    lead = models.TextField()
    published_at = models.DateTimeField(db_index=True)
    body = StreamField([("text", RichTextBlock()), ("photo", PhotoBlock())])

    template = "wagtail_site/story_page.html"

    def get_context(self, request):
        others = StoryPage.objects.live().sibling_of(self, inclusive=False).order_by("-published_at")
        return super().get_context(request) | {
            "section": self.get_parent(),
            "menu": SectionPage.objects.live().in_menu(),
            "older": others.filter(published_at__lt=self.published_at).first(),
            "newer": others.filter(published_at__gt=self.published_at).last(),
            "other_news": others[:10],
            "most_read": StoryPage.objects.live().order_by("-published_at")[:5],
        }


class Byline(Orderable):
    story = ParentalKey(StoryPage, on_delete=models.CASCADE, related_name="bylines")
    role = models.CharField(max_length=40)
    name = models.CharField(max_length=100)
    unit = models.CharField(max_length=100)
