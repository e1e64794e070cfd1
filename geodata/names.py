"""Exact names after normalising, and the villages that printed names mean.

Names are matched only when they are equal after spelling habits are taken away. What remains is for
a person: similar names are offered as candidates, never taken.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from geodata.findings import Finding, RowLabel

# Typewriter, typographic and modifier apostrophes, accents standing alone, the glottal stop.
_APOSTROPHES = re.compile(
    "['`\u00b4\u2018\u2019\u201a\u201b\u2032\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\uff07]"
)
_RIVER = frozenset(("sei", "sui", "sungei", "sungai"))
_NUMERALS = {
    word: str(number)
    for number, word in enumerate(
        ("satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh"),
        start=1,
    )
}
_ROMAN = re.compile(r"(x{0,3})(ix|iv|v?i{0,3})")
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10}
_KINDS_OF_REGENCY = re.compile(
    r"^\s*(?P<kind>kabupaten|kab\b\.?|kota\b(?:\s+adm\w*\.?)?)\s*", re.IGNORECASE
)
_KIND_OF_DISTRICT = re.compile(r"^\s*(kecamatan|kec)\b[\s.:]*", re.IGNORECASE)
_CANDIDATES = 3
_SIMILARITY = 0.8


@lru_cache(maxsize=1 << 17)  # a country has 70,000 different names, and each is asked for often
def normalise(name: str) -> str:
    """Reduce a name to what two spellings of it share.

    Case, white space, apostrophes, hyphens and accents fall away; *Sei*, *Sui* and *S.* are
    *Sungai*; a numeral at the end is digits whether written ``II``, ``2`` or ``dua``.
    """
    plain = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", name)).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    words = re.findall(r"[^\W\d_]+|\d+", plain)
    if len(words) > 1:
        words = [*(_river(word) for word in words[:-1]), _numeral(words[-1])]
    return "".join(words)


def _river(word: str) -> str:
    return "sungai" if word in _RIVER or word == "s" else word


def _numeral(word: str) -> str:
    if word.isdecimal():
        return str(int(word))
    match = _ROMAN.fullmatch(word)
    if match and word:
        values = [_ROMAN_VALUES[letter] for letter in word]
        following = [*values[1:], 0]
        return str(sum(-a if a < b else a for a, b in zip(values, following, strict=True)))
    return _NUMERALS.get(word, word)


def bare_district(printed: str) -> str:
    """Give the name of a district without the word *Kecamatan* or *Kec.* before it."""
    return _KIND_OF_DISTRICT.sub("", printed)


def normalise_regency(name: str) -> tuple[str | None, str]:
    """Split a regency's name into its kind (kabupaten, kota, None if not printed) and the rest."""
    match = _KINDS_OF_REGENCY.match(name)
    if match is None or not name[match.end() :].strip():
        return None, normalise(name)
    kind = "kota" if match["kind"].lower().startswith("kota") else "kabupaten"
    return kind, normalise(name[match.end() :])


def find_regencies(printed: str, villages: pd.DataFrame) -> list[str]:
    """List the codes of the regencies that a printed name can mean.

    *Kab.* and *Kota* decide where they are printed; without them every regency of that name counts.
    """
    known = _regency_names(villages)
    kind, rest = normalise_regency(printed)
    exact = [code for code, (its_kind, its_rest) in known.items() if its_rest == rest
             and (kind is None or its_kind in (kind, None))]  # fmt: skip
    if exact:
        return exact
    whole = normalise(printed)  # "Kota Baru" may be Kabupaten Kotabaru
    return [code for code, (_, its_rest) in known.items() if its_rest == whole]


def _regency_names(villages: pd.DataFrame) -> dict[str, tuple[str | None, str]]:
    codes = villages["code"].str[:5]
    first = villages.loc[~codes.duplicated()]
    return {
        code[:5]: normalise_regency(str(name))
        for code, name in zip(first["code"], first["regency"], strict=True)
    }


@dataclass(frozen=True, slots=True)
class _Village:
    """A village: its names as they are compared, and its name and district as they are printed."""

    code: str
    name: str
    district: str
    label: str
    printed_district: str


class _Gazetteer:
    """Villages by regency, with their normalised names."""

    def __init__(self, villages: pd.DataFrame) -> None:
        self._frame = villages
        self._by_regency: dict[str, list[_Village]] = {}
        self._found: dict[str, list[str]] = {}
        for code, name, district in zip(
            villages["code"], villages["name"], villages["district"], strict=True
        ):
            keys = normalise(str(name)), normalise(str(district))
            village = _Village(code, *keys, f"{code} {name} ({district})", str(district))
            self._by_regency.setdefault(code[:5], []).append(village)

    def within(self, regency: str) -> list[_Village]:
        """List the villages of a printed regency, all when none is printed."""
        if not regency:
            return [village for group in self._by_regency.values() for village in group]
        if regency not in self._found:
            self._found[regency] = find_regencies(regency, self._frame)
        return [village for code in self._found[regency] for village in self._by_regency[code]]


def match_villages(
    rows: pd.DataFrame, villages: pd.DataFrame
) -> tuple[pd.Series, tuple[Finding, ...]]:
    """Find the villages that printed names mean.

    A name counts within the district printed; when no district is printed, or it has no village of
    that name, within the regency if exactly one village bears it. Without a regency all villages
    known are meant. Nothing is guessed: any other name is a finding with candidates.

    Parameters
    ----------
    rows
        Columns ``name``, and where the file has them ``district``, ``regency`` and ``row`` (its
        number in the file; default the index).
    villages
        Columns ``code``, ``name``, ``district``, ``regency``.

    Returns
    -------
    tuple
        Codes on the index of ``rows``, NA where no village was found, and one finding for each NA:
        ``name-unmatched`` or ``name-ambiguous``, with ``candidates`` in its params: code, name and
        district of each, and in per cent how alike the spelling is. A village of another district
        than the one printed is the warning ``name-elsewhere``.
    """
    gazetteer = _Gazetteer(villages)
    labels = rows["row"] if "row" in rows else rows.index.to_series()
    codes: list[str | None] = []
    findings: list[Finding] = []
    for label, name, district, regency in zip(
        labels, rows["name"], _texts(rows, "district"), _texts(rows, "regency"), strict=True
    ):
        meant = _meant(normalise(str(name)), normalise(district), gazetteer.within(regency))
        codes.append(meant[0].code if len(meant) == 1 else None)
        if len(meant) == 1:
            findings += _elsewhere(label, str(name), district, meant[0])
        else:
            area = ", ".join(part for part in (district, regency) if part) or "-"
            nearby = [v.label for v in meant] or _similar(str(name), gazetteer.within(regency))
            findings.append(_for_a_person(label, str(name), area, nearby, bool(meant)))
    return pd.Series(codes, index=rows.index, dtype="str"), tuple(findings)


def _texts(rows: pd.DataFrame, column: str) -> Iterable[str]:
    if column not in rows:
        return [""] * len(rows)
    return ["" if pd.isna(value) else str(value).strip() for value in rows[column]]


def _meant(name: str, district: str, villages: Sequence[_Village]) -> list[_Village]:
    bearers = [village for village in villages if village.name == name]
    near = [village for village in bearers if village.district == district]
    return near or bearers


def _elsewhere(label: RowLabel, name: str, district: str, village: _Village) -> Iterator[Finding]:
    if district and normalise(district) != village.district:
        facts = {"district": village.printed_district, "printed": district}
        yield Finding(code="name-elsewhere", severity="warning", row=label, column="district",
                      village_code=village.code, value=name, params=facts)  # fmt: skip


def _similar(name: str, villages: Sequence[_Village]) -> list[str]:
    """Offer villages that are spelled like a name, the likest first, with how alike they are."""
    key = normalise(name)
    names = {village.name for village in villages}
    close = difflib.get_close_matches(key, sorted(names), n=_CANDIDATES, cutoff=_SIMILARITY)
    found = [
        f"{village.label} {100 * difflib.SequenceMatcher(None, like, key).ratio():.1f} %"
        for like in close
        for village in villages
        if village.name == like
    ]
    return found[:_CANDIDATES]


def _for_a_person(
    label: RowLabel, name: str, area: str, candidates: Sequence[str], is_ambiguous: bool
) -> Finding:
    return Finding(
        code="name-ambiguous" if is_ambiguous else "name-unmatched",
        severity="refused",
        row=label,
        column="name",
        value=name,
        params={"area": area, "candidates": "; ".join(candidates) or "-"},
    )
