"""From the columns of a file to posts. No Django here."""

from luister.imports.mapping.convert import Refusal, convert
from luister.imports.mapping.fields import Target
from luister.imports.mapping.guess import guess
from luister.imports.mapping.item import Item, Options, pack, unpack

__all__ = ["Item", "Options", "Refusal", "Target", "convert", "guess", "pack", "unpack"]
