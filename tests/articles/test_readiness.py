"""The checks before publishing: what each finds, and that every way in gives the same answer."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from articles import checking, readiness, workflow
from articles.models import Article, NewsroomSettings
from tests.articles.test_article_admin import ADD, LIST, change_url, form_data, take
from tests.articles.test_word_import import send, story, upload
from tests.factory import figure, make_article, make_byline, make_photo, make_user

pytestmark = pytest.mark.django_db
Status = Article.Status
TEXT = "<p>Các tổ tự quản thu gom rác dọc bờ sông.</p>"


def ready(**fields):
    """A signed draft in which nothing is to be mended, unless `fields` say otherwise."""
    signed = fields.pop("signed", True)
    article = make_article(**{"status": Status.DRAFT, "published_at": None, **fields})
    if signed:
        make_byline(article)
    return article


def codes(article) -> list[str]:
    return [point.code for point in checking.points(article)]


@pytest.fixture
def publisher(client):
    user = make_user("Xuất bản")
    client.force_login(user)
    return user


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, [], id="nothing to mend"),
        pytest.param({"body": ""}, ["body"], id="no text"),
        pytest.param({"lead": ""}, ["lead"], id="no lead"),
        pytest.param({"lead": "Sáng nay " * 40}, ["long_lead"], id="long lead"),
        pytest.param({"headline": "ĐẠI HỘI ĐẢNG BỘ XÃ NÚI MÂY"}, ["capitals"], id="capitals"),
        pytest.param({"headline": "UBND xã họp về COVID-19"}, [], id="abbreviations"),
        pytest.param({"headline": "Ra quân làm sạch bờ sông " * 6}, ["long_headline"], id="long headline"),
        pytest.param({"signed": False}, ["byline"], id="nobody signs"),
        pytest.param({"body": "<h3>Nhỏ</h3><p>a</p><h2>Lớn</h2>"}, ["heading_order"], id="small heading first"),
        pytest.param({"body": "<h2>Lớn</h2><p>a</p><h3>Nhỏ</h3>"}, [], id="headings in order"),
        pytest.param({"body": '<p><a href="http:///bao">báo</a></p>'}, ["empty_links"], id="link without address"),
        pytest.param({"body": '<p><a href="mailto:a@vi-du.vn">thư</a></p>'}, [], id="link to mail"),
        pytest.param({"body": '<p><a href="/tin/bai-999999/">tin</a></p>'}, ["dead_links"], id="no such story"),
        pytest.param({"body": '<p><a href="/tac-gia/minh-ha/">Hà</a> và <a href="https://vi-du.vn/tin/a-5/">báo</a></p>'}, [], id="other links"),
        pytest.param({"body": "<p>xin <strong> chào</strong></p>"}, ["double_spaces"], id="two spaces"),
        pytest.param({"body": "<p>Ông nói : đã xong .</p>"}, ["space_before"], id="space before a mark"),
        pytest.param({"body": "<p>Mở cửa lúc 7 giờ ... cả ngày; giá 1.000, 5,5%.</p>"}, [], id="dots and numbers"),
        pytest.param({"body": "<p>Ông nói: “Đã xong.</p>"}, ["pairs"], id="quote not closed"),
        pytest.param({"body": '<p>Phong trào "Xóm bình yên.</p>'}, ["pairs"], id="straight quote not closed"),
        pytest.param({"body": "<p>Xã Núi Mây (bản Đá Xanh.</p>"}, ["pairs"], id="bracket not closed"),
        pytest.param({"body": "<p>a) Thu gom; 1) “Xóm «bình yên»” (cũ).</p>"}, [], id="numbering and nested quotes"),
        pytest.param({"body": "<p>“Đoạn một.</p><p>“Đoạn hai.”</p>"}, [], id="speech of two paragraphs"),
        pytest.param({"embargo_until": timezone.now() + timedelta(days=1)}, ["embargo"], id="embargo not reached"),
        pytest.param({"expires_at": timezone.now() - timedelta(days=1)}, ["expired"], id="expired"),
    ],
)  # fmt: skip
def test_each_check_finds_its_own(fields, expected):
    assert codes(ready(**fields)) == expected


def test_photos_need_captions_and_alternative_texts_and_a_wide_lead_photo(publisher):
    good = make_photo(alt="Hội trường đông người")
    plain, decorative = make_photo(), make_photo(is_decorative=True)
    article = ready(body=TEXT + figure(good, "Chú thích") + figure(plain) + figure(decorative, "Hoa văn"))

    sentences = {point.code: point.sentence for point in checking.points(article)}

    assert sentences == {
        "captions": "Ảnh 2 chưa có chú thích.",
        "alternative_texts": "Ảnh 2 chưa có mô tả cho người không nhìn thấy ảnh.",
        "small_lead_photo": "Ảnh đại diện chỉ rộng 600 điểm ảnh; cần ít nhất 800.",
    }


@pytest.mark.parametrize(
    ("target", "is_dead"),
    [
        ({}, False),
        ({"status": Status.WITHDRAWN}, True),
        ({"status": Status.TRASHED, "published_at": None}, True),
        ({"published_at": timezone.now() + timedelta(days=2)}, True),
    ],
)
def test_link_to_a_story_that_readers_cannot_open_is_dead(target, is_dead):
    other = make_article(**target)

    article = ready(body=f'<p>Xem <a href="{other.get_absolute_url()}">tin trước</a>.</p>')

    assert codes(article) == (["dead_links"] if is_dead else [])


def test_same_headline_is_found_whatever_the_marks_within_30_days(time_machine):
    make_article(headline="Đại hội Đảng bộ", kicker="Tin nóng")
    draft, own = ready(headline="ĐẠI hội đảng BỘ"), make_article(headline="Riêng một tin")
    following = ready(headline="Riêng một tin", next_of=own)

    assert codes(draft) == ["namesake"]
    assert codes(following) == []
    time_machine.move_to(timezone.now() + timedelta(days=31))
    assert codes(draft) == []


def test_many_stories_are_checked_in_as_many_queries_as_one(django_assert_num_queries):
    other = make_article()
    link = f'<p><a href="{other.get_absolute_url()}">tin</a></p>'
    articles = [ready(body=TEXT + link + figure(make_photo(), "x")) for _number in range(3)]

    # bylines, photos, stories linked to, same headlines, settings
    with django_assert_num_queries(5):
        assert len(checking.points_of(articles)) == 3


def listed(html: str) -> list[str]:
    """The sentences of the panel."""
    return re.findall(r"<li class=\"points__point[^>]*><strong>\w+</strong> ([^<]+)</li>", html)


def test_form_panel_preview_step_and_list_give_the_same_answer(client, publisher):
    NewsroomSettings.objects.create(check_levels={"lead": "block", "capitals": "block"})
    article = ready(lead="", headline="HỌP BÁO QUÝ BA NĂM NAY", signed=False)
    expected = [
        "Chưa có sapo.",
        "Tiêu đề viết toàn chữ hoa; hãy viết như một câu thường.",
        "Tin chưa có ai ký tên: thêm ở “Tác giả ký tên”.",
    ]

    opened = listed(client.get(change_url(article)).content.decode())
    asked = listed(
        client.post(
            reverse("admin:articles_article_check", args=[article.pk]), form_data(article)
        ).content.decode()
    )
    preview = client.get(reverse("admin:articles_article_preview", args=[article.pk])).content.decode()
    form = client.post(change_url(article), form_data(article, _step="publish")).content.decode()
    bulk = client.post(
        LIST, {"action": "publish_selected", "_selected_action": [article.pk]}, follow=True
    ).content.decode()
    with pytest.raises(workflow.StepError) as refusal:
        workflow.take(workflow.STEPS["publish"], article, user=publisher)

    assert opened == asked == listed(form) == expected
    assert all(sentence in preview for sentence in expected)
    for sentence in expected[:2]:
        assert f"<li>{sentence}</li>" in form  # beside its field
        assert sentence in bulk
        assert sentence in str(refusal.value)
    article.refresh_from_db()
    assert article.status == Status.DRAFT


def test_signature_in_the_form_counts_before_it_is_saved(client, publisher):
    article = ready(signed=False)
    row = {
        "bylines-TOTAL_FORMS": 1,
        "bylines-0-author": "1",
        "bylines-0-role": "text",
        "bylines-0-order": "1",
    }
    address = reverse("admin:articles_article_check", args=[article.pk])
    data = form_data(article, lead=article.lead)

    assert listed(client.post(address, data).content.decode()) != []
    assert listed(client.post(address, data | row).content.decode()) == []
    assert listed(client.post(address, data | row | {"bylines-0-DELETE": "on"}).content.decode()) != []


def test_checking_a_form_saves_nothing_and_takes_any_input(client, publisher):
    article = ready()
    before = Article.objects.values().get(pk=article.pk)
    new = reverse("admin:articles_article_check_new")

    for data in ({}, {"published_at_0": "32/13/2026", "section": "x", "lead_photo": "-1", "body": "<p" * 50}):
        assert client.post(new, data).status_code == 200
        response = client.post(reverse("admin:articles_article_check", args=[article.pk]), data)
        assert "Chưa chọn chuyên mục." in response.content.decode()

    assert Article.objects.values().get(pk=article.pk) == before
    assert Article.objects.count() == 1


def test_checking_is_for_who_may_write_the_story(client):
    article, public = ready(), make_article()
    client.force_login(make_user("Người viết"))

    for story_ in (article, public):
        address = reverse("admin:articles_article_check", args=[story_.pk])
        assert client.post(address, {}).status_code == 403
        assert client.get(address).status_code == 405
    client.force_login(make_user("Xem thống kê"))
    assert client.post(reverse("admin:articles_article_check_new"), {}).status_code == 403


def test_submitting_is_never_blocked_and_tells_what_to_look_at(client):
    client.force_login(make_user("Người viết"))

    page = client.post(ADD, form_data(body="", _step="submit"), follow=True).content.decode()

    assert Article.objects.get().status == Status.IN_REVIEW
    assert "<li>Tin phải có nội dung trước khi đăng.</li>" in page


def test_next_version_is_checked_like_any_story(client, publisher):
    live = make_article()
    following = ready(next_of=live, headline=live.headline, body="")

    page = take(client, following, "publish").content.decode()

    assert "Chưa đăng được: Tin phải có nội dung trước khi đăng." in page
    assert Article.objects.filter(pk=following.pk).exists()


def test_bulk_step_takes_or_refuses_each_story_by_name(client):
    writer = make_user("Người viết")
    client.force_login(writer)
    own, public = ready(created_by=writer, headline="Của mình"), make_article(headline="Đã đăng rồi")

    page = client.get(LIST).content.decode()
    chosen = {"_selected_action": [own.pk, public.pk]}
    html = client.post(LIST, {"action": "submit_selected", **chosen}, follow=True).content.decode()
    client.post(LIST, {"action": "publish_selected", **chosen})

    own.refresh_from_db()
    assert "publish_selected" not in page
    assert own.status == Status.IN_REVIEW
    assert "Gửi duyệt: 1 tin." in html
    assert re.search(
        "Gửi duyệt: 1 tin không thực hiện được..*Đã đăng rồi.*không thực hiện được bước này", html
    )


def test_bulk_publishing_is_judged_story_by_story(client, publisher):
    NewsroomSettings.objects.create(four_eyes=True)
    own, other = ready(created_by=publisher), ready()

    client.post(LIST, {"action": "publish_selected", "_selected_action": [own.pk, other.pk]})

    assert list(Article.objects.filter(status=Status.PUBLISHED)) == [other]


def test_word_import_lists_the_same_points(client):
    client.force_login(make_user("Người viết"))

    html = send(client, upload(story(byline="Minh Hà"))).content.decode()

    for point in checking.points(Article.objects.get()):
        assert point.sentence in html


def test_settings_page_changes_the_levels_and_only_for_who_may(client, publisher):
    address = reverse("admin:articles_newsroomsettings_change", args=[1])
    NewsroomSettings.objects.create()
    adjustable = {f"check_{check.code}": check.level for check in readiness.CHECKS if not check.is_fixed}
    article = ready(lead="")

    assert client.get(address).status_code == 403
    client.force_login(make_user("Quản trị"))
    html = client.get(address).content.decode()
    client.post(address, adjustable | {"check_lead": "off", "four_eyes": "on"})

    assert "Chưa có sapo" in html
    assert NewsroomSettings.load().check_levels == {"lead": "off"}
    assert NewsroomSettings.load().four_eyes
    assert codes(article) == []
