"""How the emotions of the sets go together into the six that are told."""

from collections.abc import Mapping

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
