from luister.ui import keys


def test_defaults_do_not_clash() -> None:
    assert keys.clashes(keys.DEFAULTS) == {}
    assert set(keys.ALIASES.values()) <= set(keys.DEFAULTS)
    assert not set(keys.ALIASES) & set(keys.DEFAULTS.values())


def test_keys_that_do_something_else_elsewhere_are_those_that_a_user_may_have_changed() -> None:
    for key in (key for group in keys.ELSEWHERE for key in group.keys):
        assert keys.DEFAULTS[key.action] == key.key


def test_sequences_do_not_begin_with_a_key_that_acts_by_itself() -> None:
    begun = {key.split(" ")[0] for key in keys.DEFAULTS.values() if " " in key}

    assert not begun & set(keys.DEFAULTS.values())


def test_keys_of_takes_what_is_possible_and_ignores_the_rest() -> None:
    chosen = keys.keys_of({"reply": "q", "note": "Alt+x", "snooze": "", "unheard of": "x", "undo": "g z"})

    assert chosen["reply"] == "q"
    assert chosen["undo"] == "g z"
    assert chosen["note"] == keys.DEFAULTS["note"]
    assert chosen["snooze"] == keys.DEFAULTS["snooze"]
    assert "unheard of" not in chosen


def test_clashes_names_both_actions() -> None:
    assert keys.clashes(keys.keys_of({"reply": "c"})) == {"c": ["reply", "note"]}
