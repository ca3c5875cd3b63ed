"""Text fields that store the composed form (NFC), whichever way the text comes in."""

from django.db import models

from .fold import nfc


class ComposedText:
    """Composes on validation, on saving, in update() and in the values of lookups."""

    def to_python(self, value):
        value = super().to_python(value)
        return nfc(value) if isinstance(value, str) else value

    def pre_save(self, model_instance, add):
        value = self.to_python(getattr(model_instance, self.attname))
        setattr(model_instance, self.attname, value)
        return value

    def get_prep_value(self, value):
        return self.to_python(super().get_prep_value(value))


class CharField(ComposedText, models.CharField):
    pass


class TextField(ComposedText, models.TextField):
    pass


class URLField(models.URLField):
    """An address typed without its scheme gets https."""

    def formfield(self, **kwargs):
        return super().formfield(**{"assume_scheme": "https", **kwargs})
