"""How like two texts are by their words: pairs of neighbouring syllables, the rare ones counting more. Pure."""

from collections import Counter
from math import log, sqrt

from .search import WORD, word_of

WANTED = 4  # words that are worth looking for
RARE = 0.01  # of the texts; more common ones lead to more stories than can be read while somebody waits
COMMON = 0.05  # of the texts; a pair that stands in more tells of the newsroom, not of the subject
LEAST_PAIRS = 3  # in common, of stories that share no topic
TOPIC = 4.0  # what a shared topic is worth, in pairs


def words_of(text: str) -> list[str]:
    return [word_of(found).lexeme for found in WORD.findall(text)]


def pairs_of(text: str) -> set[tuple[str, str]]:
    """Without numbers: days and years are in every second notice."""
    words = words_of(text)
    return {pair for pair in zip(words, words[1:], strict=False) if not any(map(str.isdecimal, pair))}


def rarest(text: str, others: list[str]) -> list[str]:
    """The words of the text that stand in the fewest of the others."""
    seen = Counter(word for other in others for word in set(words_of(other)))
    most = max(1, len(others) * RARE)
    words = [word for word in dict.fromkeys(words_of(text)) if seen[word] <= most and not word.isdecimal()]
    return sorted(words, key=lambda word: seen[word])[:WANTED]


def best(text: str, others: dict[int, str], on_topic: set[int], count: int) -> list[int]:
    """Keys of the texts most like this one, those on its topics before others of the same words."""
    pairs = {key: pairs_of(other) for key, other in others.items()}
    seen = Counter(pair for found in pairs.values() for pair in found)
    wanted = {
        pair: log(len(others) / seen[pair])
        for pair in pairs_of(text)
        if 0 < seen[pair] <= max(2, len(others) * COMMON)
    }
    scores = {}
    for key, found in pairs.items():
        common = found & wanted.keys()
        if key in on_topic or len(common) >= LEAST_PAIRS:
            words = sum(wanted[pair] for pair in common) / sqrt(len(found) or 1)
            scores[key] = words + TOPIC * (key in on_topic)
    return sorted(scores, key=lambda key: -scores[key])[:count]
