"""Errors: complete texts, parameters, process boundaries."""

import pickle
import string

import pytest

from geodata import errors
from geodata.errors import GeodataError, MissingFile, UnknownCodes


def leaves(kind=GeodataError):
    for child in kind.__subclasses__():
        yield child
        yield from leaves(child)


LEAVES = sorted(set(leaves()), key=lambda kind: kind.__name__)


def params_of(kind):
    names = {name for _, name, _, _ in string.Formatter().parse(kind.message) if name}
    return {name: f"<{name}>" for name in names}


@pytest.mark.parametrize("kind", LEAVES, ids=lambda kind: kind.__name__)
def test_every_error_shows_all_its_facts_and_survives_a_process_boundary(kind):
    params = params_of(kind)
    error = kind(**params)
    assert all(value in str(error) for value in params.values())
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (type(again), again.params, str(again)) == (kind, params, str(error))


def test_codes_are_unique_and_kebab_case():
    codes = [kind.code for kind in LEAVES]
    assert len(set(codes)) == len(codes)
    assert all(set(code) <= set(string.ascii_lowercase + "-") for code in codes)


def test_a_forgotten_parameter_is_noticed_where_it_was_forgotten():
    with pytest.raises(KeyError, match="count"):
        UnknownCodes(place="a.csv", value="62.02.01.1009")


def test_leaves_are_also_the_builtin_that_a_caller_expects():
    assert issubclass(MissingFile, FileNotFoundError)
    assert issubclass(errors.WrongCrs, ValueError)
