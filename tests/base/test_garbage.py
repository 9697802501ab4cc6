import gc

import pytest

from luister.base.garbage import kept


@pytest.fixture(autouse=True)
def as_before():
    yield
    gc.unfreeze()


def test_what_is_made_stays_and_is_not_looked_through():
    with kept():
        assert not gc.isenabled()
        made = [[number] for number in range(100)]

    assert gc.isenabled()
    assert gc.get_freeze_count() >= len(made)
    assert not any(one is made[0] for one in gc.get_objects())


def test_collecting_goes_on_after_a_failure():
    with pytest.raises(ValueError), kept():
        raise ValueError

    assert gc.isenabled()
