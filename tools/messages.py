"""Collects the texts of each app into its Dutch catalogue, compiles it, and checks that nothing is missing.

gettext's own programs are not needed: Babel reads the Python files, and the templates after Django has rewritten
them. Catalogues carry no line numbers and no dates, so that they change only when a text does.
"""

import argparse
import io
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

from luister import connectors
from luister.query.reasons import REASONS as QUERY_REASONS
from luister.text.reasons import REASONS as TEXT_REASONS

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "luister"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# No apps, but their reasons are sentences that people read.
CONNECTORS = SRC / "connectors"
QUERY = SRC / "query"
TEXT = SRC / "text"
SENTENCES: Mapping[Path, Callable[[], Mapping[str, str]]] = {
    CONNECTORS: connectors.reasons,
    QUERY: lambda: QUERY_REASONS,
    TEXT: lambda: TEXT_REASONS,
}
NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)
HEADER = "# Dutch texts of Luister, by its contributors. “make messages” keeps this file complete.\n"


def apps() -> list[Path]:
    """Return the folders of the Django apps, the connectors, the query language and the texts, in order of name."""
    return sorted([*(path.parent for path in SRC.glob("*/apps.py")), *SENTENCES])


def sources(app: Path) -> Iterator[tuple[Path, str]]:
    """Yield each file with texts, as Python source."""
    for path in sorted(app.rglob("*.py")):
        if "migrations" not in path.parts:
            yield path, path.read_text()
    for path in sorted([*app.rglob("templates/**/*.html"), *app.rglob("templates/**/*.txt")]):
        rewritten = templatize(path.read_text(), origin=str(path))
        # Everything that is no text became X's, whose indentation means nothing; the texts are on one line each.
        yield path, "\n".join(line.strip() for line in rewritten.splitlines())


def collect(app: Path) -> Catalog:
    """Return the app's texts without translations.

    Raises:
        SyntaxError: a file cannot be read; the message names it.
    """
    catalog = Catalog()
    for path, source in sources(app):
        try:
            found = list(
                extract("python", io.BytesIO(source.encode()), KEYWORDS, ["Translators:"], strip_comment_tags=True)
            )
        except SyntaxError as error:
            message = f"{path.relative_to(ROOT)}: {error}"
            raise SyntaxError(message) from error
        for _line, text, comments, context in found:
            if text and text != "":
                catalog.add(text, auto_comments=comments, context=context)
    if app in SENTENCES:
        for sentence in SENTENCES[app]().values():
            catalog.add(sentence)
    return catalog


def merged(app: Path) -> Catalog:
    """Return the app's texts with the translations that its catalogue has."""
    catalog = Catalog(locale="nl", project="Luister", header_comment=HEADER, fuzzy=False, domain="django")
    path = po_path(app)
    known = read_po(io.BytesIO(path.read_bytes()), locale="nl") if path.exists() else Catalog(locale="nl")
    for text in collect(app):
        if not text.id:
            continue
        old = known.get(text.id, context=text.context)
        flags = {"fuzzy"} if old and old.fuzzy else set()
        catalog.add(
            text.id,
            string=old.string if old else None,
            flags=flags,
            auto_comments=text.auto_comments,
            user_comments=old.user_comments if old else (),
            context=text.context,
        )
    catalog.creation_date = catalog.revision_date = NO_DATE
    return catalog


def po_path(app: Path) -> Path:
    """Return where an app's Dutch lives."""
    return app / "locale" / "nl" / "LC_MESSAGES" / "django.po"


def po_bytes(catalog: Catalog) -> bytes:
    """Return a catalogue as it is written to a .po file."""
    out = io.BytesIO()
    write_po(out, catalog, width=110, no_location=True, sort_output=True, ignore_obsolete=True)
    headers = re.compile(
        rb'^"(?:POT-Creation-Date|PO-Revision-Date|Last-Translator|Generated-By|Project-Id-Version|Language-Team)[^\n]*\n',
        re.MULTILINE,
    )
    return headers.sub(b"", out.getvalue())


def mo_bytes(catalog: Catalog) -> bytes:
    """Return a catalogue as it is compiled into a .mo file."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def untranslated(message: Message) -> bool:
    """Return whether a text lacks its Dutch, or one of its plural forms does."""
    strings = message.string if isinstance(message.string, tuple | list) else [message.string]
    return message.fuzzy or not all(strings) or (message.pluralizable and len(strings) != 2)


def problems_of(app: Path, catalog: Catalog) -> Iterator[str]:
    """Yield what is wrong with the translations of an app."""
    for message in catalog:
        if not message.id:
            continue
        text = message.id[0] if isinstance(message.id, tuple | list) else message.id
        if untranslated(message):
            yield f"{app.name}: no Dutch for {text!r}"
        else:
            yield from (f"{app.name}: {error} in {text!r}" for error in message.check(catalog))


def disagreements(catalogs: Iterable[tuple[Path, Catalog]]) -> Iterator[str]:
    """Yield the texts that several apps translate, each otherwise: only one of those would ever be seen."""
    known: dict[tuple[object, object], tuple[Path, object]] = {}
    for app, catalog in catalogs:
        for message in catalog:
            other, dutch = known.setdefault((message.id, message.context), (app, message.string))
            if message.id and dutch != message.string:
                yield f"{other.name} and {app.name} say {message.id!r} differently: give one of them a context"


def update() -> int:
    """Write every app's catalogue, and name what still lacks its Dutch."""
    for app in apps():
        catalog = merged(app)
        path = po_path(app)
        if len(catalog):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(po_bytes(catalog))
            path.with_suffix(".mo").write_bytes(mo_bytes(catalog))
        else:
            path.unlink(missing_ok=True)
            path.with_suffix(".mo").unlink(missing_ok=True)
        for problem in problems_of(app, catalog):
            print(problem)
    return 0


def check() -> int:
    """Return 1, and say why, if a text has no Dutch or a catalogue is not what “make messages” would write."""
    catalogs = [(app, merged(app)) for app in apps()]
    problems = list(disagreements(catalogs))
    for app, catalog in catalogs:
        problems += problems_of(app, catalog)
        path = po_path(app)
        for file, wanted in ((path, po_bytes(catalog)), (path.with_suffix(".mo"), mo_bytes(catalog))):
            if (file.read_bytes() if file.exists() else None) != (wanted if len(catalog) else None):
                problems.append(f"{file.relative_to(ROOT)} is stale: run “make messages”")
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


def main() -> int:
    """Run the verb of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verb", choices=["update", "check"])
    settings.configure(USE_I18N=True)
    return {"update": update, "check": check}[parser.parse_args().verb]()


if __name__ == "__main__":
    sys.exit(main())
