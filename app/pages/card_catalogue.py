"""The question cards as the console's page needs them, so that they are there while the server is out of reach."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from app.feed.prepared_json import PreparedJson
from app.pages import shapes
from dispatch.city.pack import CityPack
from dispatch.city.question_cards import LocalizedText, Question, QuestionCard, Sentence


@cache
def prepared_cards(city: CityPack) -> PreparedJson:
    """Every card of the city. Medical advice without a clinician's sign-off is marked, or left out where the pack says
    so; `left_out` counts what is.
    """
    return PreparedJson.of([_card(card, city.show_unsigned_advice) for card in city.question_cards.values()])


def _card(card: QuestionCard, show_unsigned: bool) -> shapes.Card:
    def shown(sentence: Sentence | None) -> shapes.ReadOut | None:
        if sentence is None:
            return None
        unsigned = sentence.needs_signoff and not card.signed_off_by
        return {"words": _words(sentence.words), "unsigned": unsigned} if show_unsigned or not unsigned else None

    of_answers = [sentence for question in card.questions for sentence in question.say.values()]
    sentences = [card.say, *card.advice, *of_answers]
    return {
        "code": card.code,
        "name": _words(card.name),
        "types": list(card.types),
        "sensitive": card.sensitive,
        "say": shown(card.say),
        "silent_say": shown(card.silent_say),
        "advice": [advice for advice in map(shown, card.advice) if advice],
        "left_out": sum(shown(sentence) is None for sentence in sentences),
        "questions": [_question(question, shown) for question in card.questions],
    }


def _question(question: Question, shown: Callable[[Sentence], shapes.ReadOut | None]) -> shapes.CardQuestion:
    said = {answer: shown(sentence) for answer, sentence in question.say.items()}
    return {
        "code": question.code,
        "kind": question.kind,
        "ask": _words(question.ask),
        "tells": _words(question.tells),
        "count": _words(question.count) if question.count else None,
        "choices": [{"code": choice.code, "words": _words(choice.words)} for choice in question.choices],
        "say": {answer: sentence for answer, sentence in said.items() if sentence},
        "agencies": {answer: list(codes) for answer, codes in question.agencies.items()},
        "taps": question.taps,
    }


def _words(words: LocalizedText) -> shapes.Bilingual:
    return {"id": words.id, "en": words.en}
