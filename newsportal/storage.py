"""Static files under names that carry their content's hash."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    support_js_module_import_aggregation = True
    # CKEditor builds the addresses of its skins and plugins itself, so a name without a hash is no error.
    manifest_strict = False
