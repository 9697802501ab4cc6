"""Django's own command line, for developers: python -m luister.config.manage makemigrations."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run a management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "luister.config.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
