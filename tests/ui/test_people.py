import pytest

from luister.ui.people import hue, initials


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Pim de Vries", "PV"),
        ("Fatima el Idrissi", "FI"),
        ("Bartholomeus-Alexander van Nijenrode tot Slochteren", "BS"),
        ("@wouterb", "W"),
        ("jip", "J"),
        ("مريم حداد", "مح"),
        ("🦊", "🦊"),
        ("Carlijn 🌴", "C"),
        ("", "?"),
        ("@", "?"),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_hue_is_the_same_every_time_and_within_the_tokens() -> None:
    found = {hue(name) for name in ("Bagage", "Parkeren", 7, "", "Sam", "Pim", "Lotte", "Fatima", "Jip")}

    assert hue("Bagage") == hue("Bagage")
    assert found <= set(range(1, 8))
    assert len(found) > 3
