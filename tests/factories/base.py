"""The moment at which everything is made, and how what belongs together comes into one workspace."""

from datetime import UTC, datetime

from factory import SelfAttribute, SubFactory

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday, ten o'clock in Amsterdam


def beside(field):
    """Take a field from the object that this one is made for."""
    return SelfAttribute(f"..{field}")


def in_its_workspace(target, **fields):
    """Make the other object in the same workspace."""
    return SubFactory(target, workspace=beside("workspace"), **fields)
