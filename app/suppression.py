"""Which counts of a regency stay hidden, so that none under a limit can be worked out.

A village has a total, a part and what is left of it (wajib KTP, recorded, not recorded), or one
number alone. Numbers under the limit are hidden, and so many others besides (complementary
suppression) that the totals of districts and of the regency, which are shown, do not give them
away: from everything shown, the range in which a hidden number may lie is at least twice the limit
wide, and that of a number under the limit reaches from 0 to twice the limit or beyond (once would
do for who only knows the sums; who replays this rule could then narrow it). The ranges are exact:
hidden numbers of one total can be shifted among each other as far as the totals of villages allow
(Fischetti & Salazar 2001, "Solving the cell suppression problem on tabular data with linear
constraints", Management Science 47(7), section 2, for what protection means).

What is hidden besides is chosen by what everybody sees (totals and codes), never by the hidden
number itself: otherwise who knows the rule learns from the choice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

SHOWN, REST_HIDDEN, ALL_HIDDEN = 0, 1, 2
LEAST = 5
"""The smallest count that everybody may see, where ``JEMPUTBOLA_SMALLEST_COUNT`` says no other."""
WIDTH = 2
_ENDLESS = 10**12


@dataclass(slots=True, eq=False)
class Node:
    """A village, or what its children sum up to.

    ``total`` is None where the number stands alone; then ``rest`` is the number. ``level`` says
    what is hidden: nothing, part and rest, or the total as well.
    """

    code: str
    total: int | None = None
    rest: int = 0
    children: list["Node"] = field(default_factory=list)
    parent: "Node | None" = None
    level: int = SHOWN

    def add(self, child: "Node") -> None:
        """Take in a child; sums are those of ``close``."""
        child.parent = self
        self.children.append(child)

    def close(self) -> None:
        """Sum up, from the villages upwards."""
        for child in self.children:
            child.close()
        if self.children:
            totals = [child.total for child in self.children if child.total is not None]
            self.total = sum(totals) if totals else None
            self.rest = sum(child.rest for child in self.children)

    def walk(self) -> Iterator["Node"]:
        """Give this and everything below."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pool:
    """Hidden villages that share one sum which is known.

    ``capacity`` is what the totals of all of them allow, ``rest`` what their rests sum up to.
    """

    leaves: list[Node]
    rest: int
    capacity: int
    blocks: dict[int, tuple[int, int]]  # of the anchor of hidden totals: capacity, villages here


def protect(root: Node, least: int) -> None:
    """Set the level of every node; ``least`` is the smallest number that may be shown."""
    root.close()
    for node in root.walk():
        node.level = _own_level(node, least)
    while _mend(root, least):
        pass


def _own_level(node: Node, least: int) -> int:
    # What is hidden of a total is at most that total: a small one would be too narrow a range.
    if node.total is not None and node.total < WIDTH * least:
        return ALL_HIDDEN
    is_small = node.rest < least or (node.total is not None and node.total - node.rest < least)
    return REST_HIDDEN if is_small else SHOWN


def _mend(root: Node, least: int) -> bool:
    """Hide one number more where that is needed; tell whether it was."""
    from_below = list(root.walk())[::-1]
    for level in (ALL_HIDDEN, REST_HIDDEN):
        for node in from_below:
            hidden = [child for child in node.children if child.level >= level]
            if not node.children or (node.level < level and not hidden):
                continue
            if node.level >= level:
                # Else its children would sum up to it. Of a district all: that some are shown
                # would say that the hidden ones needed no more.
                is_safe = bool(hidden) and (node is root or len(hidden) == len(node.children))
            elif level == ALL_HIDDEN:
                is_safe = len(hidden) > 1 and _sum_total(node, level) >= WIDTH * least
            else:
                is_safe = _is_safe(node, least)
            if not is_safe:
                _next(node, level).level = level
                return True
    return False


def _next(node: Node, level: int) -> Node:
    """Choose what is hidden next: a child, or when all of them are, the node itself."""
    shown = [child for child in node.children if child.level < level]
    if not shown:
        return node

    def size(child: Node) -> tuple[int, str]:
        # Where totals are what is being hidden, they must not choose.
        return (child.total or 0) if level == REST_HIDDEN else 0, child.code

    return min(shown, key=size)


def _hidden_leaves(node: Node, level: int) -> Iterator[Node]:
    """Give the villages below that are hidden together with all that lies between."""
    for child in node.children:
        if child.level >= level:
            if child.children:
                yield from _hidden_leaves(child, level)
            else:
                yield child


def _sum_total(node: Node, level: int) -> int:
    return sum(leaf.total or 0 for leaf in _hidden_leaves(node, level))


def _anchor(leaf: Node) -> Node | None:
    """Find the nearest node above whose total is shown."""
    above = leaf.parent
    while above is not None and above.level == ALL_HIDDEN:
        above = above.parent
    return above


def _pool(node: Node) -> _Pool:
    leaves = list(_hidden_leaves(node, REST_HIDDEN))
    blocks: dict[int, tuple[int, int]] = {}
    capacity = 0
    for leaf in leaves:
        if leaf.level == REST_HIDDEN:
            capacity += _capacity(leaf)
            continue
        anchor = _anchor(leaf)
        own, n = blocks.get(id(anchor), (0, 0))
        blocks[id(anchor)] = (own + (leaf.total or 0), n + 1)
    capacity += sum(own for own, _ in blocks.values())
    return _Pool(
        leaves=leaves, rest=sum(leaf.rest for leaf in leaves), capacity=capacity, blocks=blocks
    )


def _capacity(leaf: Node) -> int:
    return _ENDLESS if leaf.total is None else leaf.total


def _is_safe(anchor: Node, least: int) -> bool:
    """Tell whether every number hidden below, of village or district, has a wide range."""
    pool = _pool(anchor)
    groups = [[leaf] for leaf in pool.leaves]
    districts = [child for child in anchor.children if child.children and child.level]
    groups += [list(_hidden_leaves(child, REST_HIDDEN)) for child in districts]
    nodes = [*pool.leaves, *districts]
    return all(
        _is_wide(node, group, pool, least) for node, group in zip(nodes, groups, strict=True)
    )


def _is_wide(node: Node, group: list[Node], pool: _Pool, least: int) -> bool:
    most, own = _capacities(group, pool)
    hidden = sum(leaf.rest for leaf in group)
    shown = node.rest - hidden
    low, high = _range(pool.rest, most, pool.capacity - own)
    if not _hides(node.rest, shown + low, shown + high, least):
        return False
    if node.total is None:
        return True
    shown_part = (node.total - node.rest) - sum((leaf.total or 0) - leaf.rest for leaf in group)
    parts = pool.capacity - pool.rest
    low, high = _range(parts, most, pool.capacity - own)
    return _hides(node.total - node.rest, shown_part + low, shown_part + high, least)


def _capacities(group: list[Node], pool: _Pool) -> tuple[int, int]:
    """Tell how much a group can take at most, and what of it nobody else could."""
    most = own = sum(_capacity(leaf) for leaf in group if leaf.level == REST_HIDDEN)
    inside: dict[int, int] = {}
    for leaf in group:
        if leaf.level == ALL_HIDDEN:
            inside[id(_anchor(leaf))] = inside.get(id(_anchor(leaf)), 0) + 1
    for anchor, n in inside.items():
        capacity, n_all = pool.blocks[anchor]
        most += capacity
        own += capacity if n == n_all else 0
    return most, own


def _range(known: int, most: int, others: int) -> tuple[int, int]:
    """Give the least and the most that one of those that sum up to ``known`` may be."""
    return max(0, known - others), min(most, known)


def _hides(value: int, low: int, high: int, least: int) -> bool:
    is_wide = high - low >= WIDTH * least
    return is_wide and (value >= least or (low <= 0 and high >= WIDTH * least))
