"""The figures for those who review them."""

from django.contrib import admin

from .models import Day, StartValue


@admin.register(Day)
class DayAdmin(admin.ModelAdmin):
    list_display = ["day", "visits", "views", "visitors"]
    date_hierarchy = "day"
    list_per_page = 31

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(StartValue)
class StartValueAdmin(admin.ModelAdmin):
    """Rows are added, never changed or removed: the total does not fall."""

    list_display = ["source", "visits", "note", "added_by", "added_at"]
    fields = ["visits", "source", "note"]

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        obj.added_by = request.user
        super().save_model(request, obj, form, change)
