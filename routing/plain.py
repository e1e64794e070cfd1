"""Problems, plans and whatever else is made of dataclasses, as plain JSON types and back.

The types of the fields say how to read a value, so nothing but values is written. Of a union of
dataclasses the name of the class is written too.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import numpy as np

from routing.errors import InvalidProblem

CLASS = "class"
T = TypeVar("T")


def to_plain(value: Any) -> Any:  # noqa: ANN401 (any field of a dataclass)
    """Give a value as JSON types; sets are sorted, so that equal values are written alike."""
    if is_dataclass(value) and not isinstance(value, type):
        rows = {f.name: to_plain(getattr(value, f.name)) for f in fields(value) if f.init}
        return {CLASS: type(value).__name__, **rows}
    if isinstance(value, np.ndarray):
        data = np.ascontiguousarray(value).astype(value.dtype.newbyteorder("<"))
        return {"dtype": value.dtype.name, "shape": list(value.shape),
                "data": base64.b64encode(data.tobytes()).decode()}  # fmt: skip
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, set | frozenset):
        return [to_plain(item) for item in sorted(value)]
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    return value


def from_plain(kind: type[T], plain: Any) -> T:  # noqa: ANN401 (any JSON value)
    """Read what ``to_plain`` gave of a dataclass.

    Raises
    ------
    InvalidProblem
        When it is not that of this class: it was written by another version.
    """
    try:
        return _read(kind, plain)  # type: ignore[no-any-return]
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, InvalidProblem):
            raise
        raise InvalidProblem(
            f"{kind.__name__}: cannot be read, it was written by another version ({error})"
        ) from error


def text_of(plain: Any) -> bytes:  # noqa: ANN401 (any JSON value)
    """Write plain types as JSON, always the same for the same values."""
    return json.dumps(plain, separators=(",", ":"), sort_keys=True).encode()


def digest_of(value: Any) -> str:  # noqa: ANN401 (any dataclass)
    """Give the SHA-256 of a value's JSON, as hexadecimal digits."""
    return hashlib.sha256(text_of(to_plain(value))).hexdigest()


def _read(kind: Any, plain: Any) -> Any:  # noqa: ANN401 (a type or a part of one, any JSON value)
    origin = get_origin(kind)
    if origin is UnionType:
        return _read_one_of(get_args(kind), plain)
    if origin is np.ndarray:
        data = np.frombuffer(base64.b64decode(plain["data"]), dtype=plain["dtype"])
        return data.reshape(plain["shape"])
    if is_dataclass(kind):
        return _read_dataclass(kind, plain)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(plain)
    reader = _READERS.get(origin or kind)
    return plain if reader is None else reader(kind, plain)


def _read_dataclass(kind: Any, plain: Mapping[str, Any]) -> Any:  # noqa: ANN401 (a dataclass)
    if plain[CLASS] != kind.__name__:
        raise TypeError(f"a {plain[CLASS]} where a {kind.__name__} is expected")
    types = _types(kind)
    given = {name: value for name, value in plain.items() if name != CLASS}
    return kind(**{name: _read(types[name], value) for name, value in given.items()})


def _read_one_of(kinds: tuple[Any, ...], plain: Any) -> Any:  # noqa: ANN401 (any JSON value)
    if plain is None and NoneType in kinds:
        return None
    others = [kind for kind in kinds if kind is not NoneType]
    if len(others) == 1:
        return _read(others[0], plain)
    by_name = {str(kind.__name__): kind for kind in others if isinstance(kind, type)}
    # Numbers and truths stand for themselves.
    return _read(by_name[plain[CLASS]], plain) if isinstance(plain, dict) else plain


def _read_tuple(kind: Any, plain: list[Any]) -> tuple[Any, ...]:  # noqa: ANN401 (a tuple's type)
    items = get_args(kind)
    if len(items) == 2 and items[1] is Ellipsis:
        return tuple(_read(items[0], item) for item in plain)
    return tuple(_read(item, value) for item, value in zip(items, plain, strict=True))


def _read_set(kind: Any, plain: list[Any]) -> frozenset[Any]:  # noqa: ANN401 (a set's type)
    return frozenset(_read(get_args(kind)[0], item) for item in plain)


_READERS: Mapping[Any, Callable[[Any, Any], Any]] = {tuple: _read_tuple, frozenset: _read_set}


@cache
def _types(kind: type) -> dict[str, Any]:
    return {
        name: hint for name, hint in get_type_hints(kind).items()
        if name in {f.name for f in fields(kind) if f.init}
    }  # fmt: skip
