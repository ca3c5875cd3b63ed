"""Every kind of change that readers see, in one place: what changes one of these rows makes kept pages old.

Triggers, because saves are not the only way: bulk updates, deletions, psql and other machines are told of too.
"""

from django.db import migrations

ANY, LATER = "INSERT OR UPDATE OR DELETE", "UPDATE OR DELETE"
# Table -> events and the column with the story to which a row belongs, if any: rows beside drafts do not matter.
SHOWN = {
    "articles_section": (ANY, ""),
    "articles_topic": (LATER, ""),  # a new one stands on no page yet, nor does a new author
    "articles_author": (LATER, ""),
    "articles_photo": (LATER, "'photo'"),
    "articles_byline": (ANY, "'article_id'"),
    "articles_article_topics": (ANY, "'article_id'"),
    "articles_relatedlink": (ANY, "'article_id'"),
    "articles_attachment": (ANY, "'article_id'"),
    "articles_correction": (ANY, "'article_id'"),
    "newsportal_siteidentity": (ANY, ""),
    "newsportal_linkgroup": (LATER, ""),
    "newsportal_websitelink": (ANY, ""),
    "django_flatpage": (ANY, ""),
    "django_flatpage_sites": (ANY, ""),
}
# Of stories those that are, or were, published: times, places, words, withdrawal and all.
STORIES = {
    "INSERT": "NEW.status = 'published'",
    "UPDATE": "OLD.status = 'published' OR NEW.status = 'published'",
    "DELETE": "OLD.status = 'published'",
}


class Migration(migrations.Migration):
    dependencies = [
        ("newsportal", "0006_access"),
        ("articles", "0019_page_changes"),
        ("flatpages", "0001_initial"),
    ]

    operations = [
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER page_change AFTER {events} ON {table}"
                f" FOR EACH ROW EXECUTE FUNCTION articles_page_change({argument});",
                f"DROP TRIGGER page_change ON {table};",
            )
            for table, (events, argument) in SHOWN.items()
        ),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER page_change_{event.lower()} AFTER {event} ON articles_article"
                f" FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION articles_page_change();",
                f"DROP TRIGGER page_change_{event.lower()} ON articles_article;",
            )
            for event, condition in STORIES.items()
        ),
    ]
