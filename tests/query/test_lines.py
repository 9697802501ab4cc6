"""Lines of posts: what the library reads at once is what is read by hand, mistakes included."""

import json
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict

from luister.query.documents import Document
from luister.query.lines import LineError, _read_slowly, read_post

values = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=4),
    st.integers(-2, 2_000_000),
    st.floats(allow_nan=False),
    st.sampled_from([10**30, 1.0, -0.0, "2026-01-31T09:30:00Z", "2026-01-31", "20260131", "nu", "4", "\ud800"]),
    st.lists(st.one_of(st.text(max_size=2), st.integers()), max_size=2),
)
NAMES = (
    "title author author_name network url links lang sentiment type rating reach followers published_at public inbound "
    "edited media says topics labels other"
)
names = st.sampled_from(NAMES.split())


def read(line: bytes, reader: Any) -> object:
    """Return what became of a line, in a form that can be compared."""
    try:
        found: Document = reader(line)
    except LineError as error:
        return error.reason
    return {name: tuple(value) if isinstance(value, list) else value for name, value in asdict(found).items()}


@settings(max_examples=120)
@given(st.dictionaries(names, values, max_size=4), st.booleans(), st.sampled_from([b"", b"\xef\xbb\xbf", b" "]))
@example({"media": 1_000_000}, True, b"")
@example({"published_at": "9999-12-31T23:59:59-10:00"}, True, b"")
def test_library_reads_what_is_read_by_hand(extra: dict[str, object], escapes: bool, before: bytes) -> None:
    line = json.dumps({"id": "1", "text": "é 😡", **extra}, ensure_ascii=escapes)
    written = before + line.encode("utf-8", "surrogatepass")

    assert read(written, read_post) == read(written, _read_slowly)


@settings(max_examples=50)
@given(st.one_of(st.binary(max_size=30), st.text(alphabet='{}[]":,0tn\\u ida', max_size=30).map(str.encode)))
@example(b'{"id": "1", "text": "x"} \x0c')
@example(b'{"id": "1", "text": "x", "other": NaN}')
@example(b'{"id": "1", "text": "x", "text": "y"}')
@example(b'{"id": 1, "id": "1", "text": "y"}')
@example(b'{"id": "1", "text": "x", "other": "\xff"}')
@example(b'{"id": "1", "text": "x", "other": ' + b"[" * 3_000 + b"]" * 3_000 + b"}")
def test_garbage_is_refused_by_both_alike(line: bytes) -> None:
    assert read(line, read_post) == read(line, _read_slowly)


def test_a_usual_line_is_read_by_the_library() -> None:
    line = b'{"id": "1", "text": "x", "rating": 4, "published_at": "2026-01-31T09:30:00Z", "links": ["http://x.nl"]}'

    assert type(read_post(line)) is not Document
