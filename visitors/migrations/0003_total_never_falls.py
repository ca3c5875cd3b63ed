"""What the tables promise by themselves: the total never falls, imports stay as they are, counters are cheap to
update. The total begins with what is there."""

from django.db import migrations

# An update that fits on its page touches no index; nothing that changes is indexed.
FILLFACTORS = {
    "visitor": 60,
    "day": 50,
    "hour": 50,
    "total": 50,
    "labelday": 60,
    "minutepage": 50,
    "source": 50,
}

TRIGGERS = """
CREATE FUNCTION visitors_total_never_falls() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR NEW.visits < OLD.visits OR NEW.views < OLD.views THEN
        RAISE EXCEPTION 'The total of visits never falls.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER never_falls BEFORE UPDATE OR DELETE ON visitors_total
    FOR EACH ROW EXECUTE FUNCTION visitors_total_never_falls();

CREATE FUNCTION visitors_importedtotal_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Figures carried over are added, never changed.';
END $$;
CREATE TRIGGER stays BEFORE UPDATE OR DELETE ON visitors_importedtotal
    FOR EACH ROW EXECUTE FUNCTION visitors_importedtotal_stays();
"""
NO_TRIGGERS = """
DROP TRIGGER never_falls ON visitors_total;
DROP FUNCTION visitors_total_never_falls();
DROP TRIGGER stays ON visitors_importedtotal;
DROP FUNCTION visitors_importedtotal_stays();
"""
TOTAL = """
INSERT INTO visitors_total (id, visits, views)
SELECT 1,
    (SELECT coalesce(sum(amount), 0) FROM visitors_importedtotal)
        + (SELECT coalesce(sum(visits), 0) FROM visitors_day),
    (SELECT coalesce(sum(views), 0) FROM visitors_day);
"""


class Migration(migrations.Migration):
    dependencies = [("visitors", "0002_spool_and_sums")]

    operations = [
        migrations.RunSQL(TOTAL, "DELETE FROM visitors_total;"),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
        *(
            migrations.RunSQL(
                f"ALTER TABLE visitors_{table} SET (fillfactor = {percent});",
                f"ALTER TABLE visitors_{table} RESET (fillfactor);",
            )
            for table, percent in FILLFACTORS.items()
        ),
    ]
