"""Processes and threads that count at the same time, and are killed at any moment.

VISITS_TEST_SECONDS=60 runs them for long; VISITS_TEST_SEED repeats a run's choices.
"""

from .storm import chance, reckon, storm


def test_every_view_of_many_processes_and_threads_is_stored_once(database, tmp_path):
    chance()
    with storm(database, tmp_path, seconds=2, kills=False) as program:
        reckoning = reckon(program, database, tmp_path)

    assert (reckoning.lost, reckoning.doubled) == (0, 0)
    assert reckoning.stored == reckoning.answered > 500


def test_kill_at_any_moment_loses_and_doubles_nothing(database, tmp_path):
    chance()
    with storm(database, tmp_path, seconds=5, kills=True) as program:
        reckoning = reckon(program, database, tmp_path)

    assert (reckoning.lost, reckoning.doubled) == (0, 0)
    assert reckoning.answered > 500
    assert reckoning.kills > 15
