"""Writes the description of the API to docs/reference/openapi.json, where a test expects it as the API hands it out."""

from pathlib import Path

import django

PLACE = Path(__file__).parents[1] / "docs" / "reference" / "openapi.json"


def main() -> None:
    """Write it."""
    django.setup()
    from luister.api.routes.api import document  # noqa: PLC0415 - needs Django set up
    from luister.api.routes.document import text  # noqa: PLC0415

    PLACE.write_text(text(document()))


if __name__ == "__main__":
    main()
