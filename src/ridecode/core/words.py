"""Text for people, always in both languages, so that no face can show half of it."""

from typing import Literal

from msgspec import Struct

Language = Literal["zh", "en"]


class Words(Struct, frozen=True):
    """One text in Chinese and in English."""

    zh: str
    en: str

    def into(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en
