"""From features to conclusions, by the model of a language and what a workspace's lessons add to it."""

from collections.abc import Mapping
from dataclasses import dataclass

from luister.text.contract import Kind, Need, Sentiment, Urgency
from luister.text.emotions import EMOTIONS
from luister.text.features import Found, find
from luister.text.model import FEELINGS, SENTIMENTS, Model, Row, shares
from luister.text.tokens import Tokens

NEEDS = {need: f"need {need}" for need in Need}
URGENCIES = {urgency: f"urgency {urgency}" for urgency in Urgency}
EMOTION_HEADS = {emotion: f"emotion {emotion}" for emotion in EMOTIONS}
NEGLECTED, WANTS_HUMAN = "neglected", "wants_human"
TOPIC = "topic "  # and its id
UNTAUGHT = -2.0  # the logit of a topic before anything is learned of it
BIAS = ""  # the feature that every text has

Shifts = Mapping[str, Mapping[str, float]]
"""What lessons add: by head, by feature."""

_UNFELT = dict.fromkeys(FEELINGS, 0.0)
_NEEDS = [(head, need) for need, head in NEEDS.items()]
_URGENCIES = [(head, urgency) for urgency, head in URGENCIES.items()]
_EMOTIONS = [(head, emotion) for emotion, head in EMOTION_HEADS.items()]
_KINDS = [(kind.value, kind) for kind in Kind if kind is not Kind.REMARK]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was concluded, and from what: the features, what each counts, and its weights."""

    found: Found
    model: Model
    amounts: Row
    weights: Row
    logits: Mapping[str, float]
    sentiment: Sentiment
    score: float
    kinds: tuple[Kind, ...]
    need: Need
    urgency: Urgency
    neglected: bool
    wants_human: bool
    emotions: tuple[str, ...]
    topics: tuple[str, ...]
    added: Mapping[str, float]  # what lessons added to heads


def judge(tokens: Tokens, model: Model, shifts: Shifts | None = None) -> Judgement:
    """Conclude what a text says."""
    found = find(tokens, model.vocabulary)
    values = found.values
    values |= _UNFELT
    amounts, weights = model.look_up(values)
    added = {head: shift(head, values, shifts) for head in shifts} if shifts else {}
    first = (amounts @ weights[:, SENTIMENTS] + model.bias[SENTIMENTS]).tolist()
    if added:
        first = [logit + added.get(head, 0.0) for logit, head in zip(first, model.heads[SENTIMENTS], strict=True)]
    negative, neutral, positive = shares(first)
    values["%negative"], values["%positive"] = negative, positive
    amounts[-2:] = negative, positive
    said = dict(zip(model.heads, (amounts @ weights + model.bias).tolist(), strict=True))
    for head, amount in added.items():
        said[head] = said.get(head, UNTAUGHT) + amount
    holds = {head for head, least in model.thresholds.items() if said[head] >= least}
    need = max(_NEEDS, key=lambda each: said[each[0]])[1]
    return Judgement(
        found,
        model,
        amounts,
        weights,
        said,
        sentiment=_sentiment(negative, neutral, positive),
        score=round(positive - negative, 3),
        kinds=_kinds(said, holds, need),
        need=need,
        urgency=max(_URGENCIES, key=lambda urgency: said[urgency[0]])[1],
        neglected=NEGLECTED in holds,
        wants_human=WANTS_HUMAN in holds,
        emotions=_emotions(said, holds),
        topics=tuple(head.removeprefix(TOPIC) for head in added if head.startswith(TOPIC) and said[head] > 0),
        added=added,
    )


def shift(head: str, values: Mapping[str, float], shifts: Shifts) -> float:
    """Return what lessons add to a head."""
    learned = shifts[head]
    return learned.get(BIAS, 0.0) + sum(value * learned[name] for name, value in values.items() if name in learned)


def _sentiment(negative: float, neutral: float, positive: float) -> Sentiment:
    if neutral >= negative and neutral >= positive:
        return Sentiment.NEUTRAL
    return Sentiment.NEGATIVE if negative > positive else Sentiment.POSITIVE


def _kinds(logits: Mapping[str, float], holds: set[str], need: Need) -> tuple[Kind, ...]:
    """Return the kinds that hold; a remark is what is nothing else, and who wants an answer has asked something."""
    found = sorted(((logits[head], kind) for head, kind in _KINDS if head in holds), key=_first, reverse=True)
    if not found or ("remark" in holds and logits["remark"] > found[0][0]):
        return (Kind.QUESTION,) if need is Need.ANSWER else (Kind.REMARK,)
    return (Kind.SPAM,) if found[0][1] is Kind.SPAM else tuple([kind for _, kind in found])


def _emotions(logits: Mapping[str, float], holds: set[str]) -> tuple[str, ...]:
    found = sorted(((logits[head], emotion) for head, emotion in _EMOTIONS if head in holds), key=_first, reverse=True)
    return tuple([emotion for _, emotion in found])


def _first(each: tuple[float, str]) -> float:
    return each[0]
