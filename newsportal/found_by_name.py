"""Fields of the admin in which something is found by typing its name."""

import re

from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple

ID = re.compile(r"[0-9]{1,18}")


class OnlyIds:
    """Django fails where a refused form is shown again: it looks for what was sent, be it a number or not."""

    def optgroups(self, name, value, attr=None):
        return super().optgroups(name, [each for each in value if ID.fullmatch(str(each))], attr)


class FoundByName(OnlyIds, AutocompleteSelect):
    pass


class SeveralFoundByName(OnlyIds, AutocompleteSelectMultiple):
    pass


class FindsByName:
    """For admins with autocomplete_fields."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = FoundByName(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = SeveralFoundByName(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_manytomany(db_field, request, **kwargs)
