"""The emotions that texts are told to show, as far as the data carry it: Ekman's six."""

from collections.abc import Mapping

EMOTIONS = ("anger", "disgust", "fear", "joy", "sadness", "surprise")

GOEMOTIONS: Mapping[str, tuple[str, ...]] = {  # as its authors group them (Demszky et al. 2020)
    "anger": ("anger", "annoyance", "disapproval"),
    "disgust": ("disgust",),
    "fear": ("fear", "nervousness"),
    "joy": (
        "joy", "amusement", "approval", "excitement", "gratitude", "love", "optimism", "relief", "pride", "admiration",
        "desire", "caring",
    ),
    "sadness": ("sadness", "disappointment", "embarrassment", "grief", "remorse"),
    "surprise": ("surprise", "realization", "confusion", "curiosity"),
}  # fmt: skip

XED: Mapping[str, tuple[str, ...]] = {  # the numbers of Plutchik's emotions in XED
    "anger": ("1",), "disgust": ("3",), "fear": ("4",), "joy": ("5",), "sadness": ("6",), "surprise": ("7",),
}  # fmt: skip
