import pytest


@pytest.mark.xdist_group("together")
def test_groups_of_tests_stay_together(request):
    """What shares a costly thing is told apart by its name alone, which a newer pytest once hid without a word."""
    are_grouped = request.config.getoption("loadgroup", False)

    assert request.node.nodeid.endswith("@together") == are_grouped
