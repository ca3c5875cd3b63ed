from django.urls import path

from . import views

app_name = "visitors"

urlpatterns = [path("thong-ke/cach-tinh/", views.definitions, name="definitions")]
