"""The practice network: public posts, replies and private messages over its own small API.

Source: docs/connectors/practice.md, which describes the network that ships with Luister.
"""

from luister.connectors.practice.connector import PracticeConnector
from luister.connectors.practice.reasons import REASONS

__all__ = ["CONNECTOR", "REASONS"]

CONNECTOR = PracticeConnector()
