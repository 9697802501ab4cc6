"""What goes wrong with people and walls."""

from django.utils.functional import Promise

from luister.base.errors import LuisterError


class RefusedError(LuisterError):
    """A change that may not happen; `sentence` says why, in the language of whoever reads it."""

    def __init__(self, sentence: str | Promise) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return str(self.sentence)
