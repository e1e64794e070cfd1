"""What the words and codes of lists mean: signal, kind of internet, power, state of a tower.

A report is read by its *definition*, since lists call different things a blank spot. Recording
needs the internet, so a place without internet has no signal for us, and one below 4G at most a
weak one, however strong its telephone signal is.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from geodata.schema import SIGNALS
from geodata.tables import Cell, bare, text_of

NONE, WEAK, STRONG, VERY_STRONG = SIGNALS
PHONE_SIGNAL, INTERNET, HAS_4G = "phone_signal", "internet", "has_4g"
BLANK_SPOT, TOWER_SITE, PROGRAMME = "blank_spot", "tower_site", "programme"
DEFINITIONS = (PHONE_SIGNAL, INTERNET, HAS_4G, BLANK_SPOT, TOWER_SITE, PROGRAMME)
"""What a report is about: the telephone signal in the four classes of the village census; the kind
of internet (4G, 3G, 2G, none); 4G yes or no; what people call a blank spot; a tower in the village;
a programme that brings internet to the village office."""
CONFIDENCES = ("low", "medium", "high")
"""How far a row can be trusted, the least first."""


class Meaning(NamedTuple):
    """What a word says of the signal, and by which definition."""

    signal: str
    definition: str


_WORDS: dict[Meaning, tuple[str, ...]] = {
    Meaning(NONE, PHONE_SIGNAL): (
        "tidak ada", "tidak ada sinyal", "tidak ada sinyal telepon", "none",
    ),
    Meaning(WEAK, PHONE_SIGNAL): ("lemah", "sinyal lemah", "weak"),
    Meaning(STRONG, PHONE_SIGNAL): ("kuat", "sinyal kuat", "strong"),
    Meaning(VERY_STRONG, PHONE_SIGNAL): ("sangat kuat", "sinyal sangat kuat", "very_strong"),
    Meaning(NONE, BLANK_SPOT): ("blank spot", "no_signal", "tanpa sinyal", "nihil"),
    Meaning(WEAK, BLANK_SPOT): (
        "blank_spot_partial", "partial", "sebagian", "very_limited", "sangat terbatas",
        "terbatas", "limited",
    ),
    Meaning(NONE, INTERNET): (
        "tanpa internet", "tidak ada internet", "tidak ada sinyal internet", "no_internet",
        "blank_spot_internet",
    ),
    Meaning(WEAK, INTERNET): (
        "3g", "3g/h/h+", "3g/h/h+/evdo", "2g", "2.5g", "2.5g/e/gprs", "2g/e/gprs", "edge", "gprs",
    ),
    Meaning(STRONG, INTERNET): ("4g", "5g", "lte", "4g/lte", "4g lte", "5g/4g", "5g/4g/lte"),
    Meaning(WEAK, HAS_4G): ("tidak ada 4g", "tanpa 4g", "non 4g", "belum 4g", "no_4g"),
    Meaning(NONE, TOWER_SITE): ("no_bts", "tidak ada bts", "tanpa bts", "belum ada bts"),
    Meaning(NONE, PROGRAMME): ("starlink tidak aktif", "vsat tidak aktif"),
    Meaning(STRONG, PROGRAMME): ("starlink", "starlink aktif", "vsat", "vsat aktif"),
}  # fmt: skip
MEANING_OF_WORD = {bare(word): meaning for meaning, words in _WORDS.items() for word in words}
ACCEPTED_WORDS = "tidak ada, lemah, kuat, sangat kuat, blank_spot, tanpa internet, 4G, 3G, no_bts"
# The village census (Podes 2024): R1005C and R1005D count from the best answer.
PODES_SIGNAL = {"1": VERY_STRONG, "2": STRONG, "3": WEAK, "4": NONE}
PODES_INTERNET = {"1": STRONG, "2": WEAK, "3": WEAK, "4": NONE}
ACCEPTED_PODES = "1, 2, 3, 4"
_YES = ("ya", "y", "ada", "yes", "true", "sudah", "tersedia", "1")
_NO = ("tidak", "t", "tidak ada", "no", "false", "belum", "belum ada", "0", "2")
IS_4G = {bare(word): signal for words, signal in ((_YES, STRONG), (_NO, WEAK)) for word in words}
ACCEPTED_4G = "ya, tidak"
_POWER = {
    "yes": (*_YES, "pln", "listrik pln", "pln 24 jam"),
    "no": (
        *_NO, "non pln", "tanpa pln", "belum pln", "tidak ada listrik", "tanpa listrik", "plts",
        "genset", "pltd desa", "plts komunal", "swadaya",
    ),
    "unknown": ("", "-", "?", "unknown", "tidak diketahui"),
}  # fmt: skip
POWER_OF_WORD = {bare(word): power for power, words in _POWER.items() for word in words}
ACCEPTED_POWER = "ya, tidak, PLN, non PLN"
_STATES = {
    "on_air": ("on air", "onair", "on", "aktif", "beroperasi", "operasional", "active", "live"),
    "off": (
        "off", "off air", "mati", "padam", "tidak aktif", "nonaktif", "non aktif", "rusak", "down",
        "tidak beroperasi", "dismantle", "inactive",
    ),
    "planned": (
        "planned", "plan", "rencana", "direncanakan", "usulan", "pembangunan", "dalam pembangunan",
        "konstruksi", "on progress", "belum on air", "belum aktif",
    ),
}  # fmt: skip
STATE_OF_WORD = {bare(word): state for state, words in _STATES.items() for word in words}
ACCEPTED_STATES = "on air, off, planned"
CONFIDENCE_OF_WORD = {
    bare(word): confidence
    for confidence, words in {
        "low": ("rendah", "low"),
        "medium": ("sedang", "menengah", "medium"),
        "high": ("tinggi", "high"),
    }.items()
    for word in words
}
ACCEPTED_CONFIDENCES = "rendah, sedang, tinggi"
# RSRP in dBm at which a class begins: the edge of LTE coverage, a good signal, an excellent one.
DBM_FROM = (-115.0, -100.0, -85.0)


def worst(signals: Iterable[str]) -> str:
    """Give the worst of some classes of signal."""
    return min(signals, key=SIGNALS.index)


def combine(strength: Meaning | None, limits: Iterable[Meaning]) -> Meaning | None:
    """Join what one row says: the strength of the signal, limited by the kind of internet.

    4G does not limit, and alone it is a strong signal. None when the row says nothing.
    """
    stated = [] if strength is None else [strength]
    limiting = [limit for limit in limits if not stated or limit.signal != STRONG]
    said = [*stated, *limiting]
    return min(said, key=lambda meaning: SIGNALS.index(meaning.signal)) if said else None


def tower_state(status: Cell) -> str:
    """Give the state that a tower's printed status means; *unknown* for an unknown word."""
    return STATE_OF_WORD.get(bare(status), "unknown")


def confidence_of(definition: str, *, is_dated: bool) -> str:
    """Give the confidence of a row that states none.

    The village census asked every village by one questionnaire: high. Anything else is medium, and
    what bears no date is low, since nobody knows whether it still holds.
    """
    if not is_dated:
        return "low"
    return "high" if definition == PHONE_SIGNAL else "medium"


def signal_of_text(cell: Cell, classes: Mapping[str, str] | None = None) -> str | None:
    """Give the class of an attribute: a word, a code of ``classes``, or a level in dBm below 0."""
    printed = text_of(cell)
    if classes is not None and printed in classes:
        return classes[printed]
    meaning = MEANING_OF_WORD.get(bare(cell))
    if meaning is not None:
        return meaning.signal
    try:
        level = float(printed.lower().removesuffix("dbm").replace(",", "."))
    except ValueError:
        return None
    return signal_of_dbm(level) if -200 <= level < 0 else None


def signal_of_dbm(level: float, begins: tuple[float, ...] = DBM_FROM) -> str:
    """Give the class of a level in dBm; a class begins at its own limit, inclusive."""
    return SIGNALS[sum(level >= limit for limit in begins)]
