"""Rules of a whole plan, one file per kind; each file says what it is to the solver.

A rule here is one or more rows of the master (``row.py``): sums over the stops of a plan, or over
its cost, that are limited. What limits one route by itself is a check of one column and stands
elsewhere: hours, breaks, windows and who may make a visit in ``timing.py``; required visits and kit
pools are rows that the master has in any case (``master.py``, ``shift_types.py``).
"""

from routing.rules.blanks import Blanks
from routing.rules.budget import Budget
from routing.rules.fairness import Fairness
from routing.rules.hub import ServedOnce
from routing.rules.row import Row, Term
from routing.rules.stability import KeepPublished

Rule = Blanks | Budget | Fairness | KeepPublished | ServedOnce

__all__ = [
    "Blanks",
    "Budget",
    "Fairness",
    "KeepPublished",
    "Row",
    "Rule",
    "ServedOnce",
    "Term",
]
