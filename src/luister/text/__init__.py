"""What a text says, and why it thinks so: pure Python, no Django, nothing leaves the machine.

`understand` is the one way in. Dutch and English are understood whole; of other languages the language, the
personal data, emoji and punctuation.
"""

from luister.text.contract import (
    UNDETERMINED,
    Kind,
    Need,
    Personal,
    PersonalData,
    Reason,
    Sentiment,
    Understanding,
    Urgency,
)
from luister.text.understanding import VERSION, understand

__all__ = [
    "UNDETERMINED",
    "VERSION",
    "Kind",
    "Need",
    "Personal",
    "PersonalData",
    "Reason",
    "Sentiment",
    "Understanding",
    "Urgency",
    "understand",
]
