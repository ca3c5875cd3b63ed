from django.contrib.auth.backends import ModelBackend


class StaffBackend(ModelBackend):
    """Only staff log in, and their sessions end as soon as they are no longer staff."""

    def user_can_authenticate(self, user):
        return super().user_can_authenticate(user) and user.is_staff
