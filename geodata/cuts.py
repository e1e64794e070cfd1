"""A graph cut where ends meet it: the nodes made there, and the parts between them."""

from typing import NamedTuple

import numpy as np

from geodata.graph import BoolArray, Graph, Snaps
from geodata.paths import FloatArray, IntArray, Web


class Cuts(NamedTuple):
    """Places within pieces, each once: the piece, the metres from its tail, the node made there."""

    piece: IntArray
    along_m: FloatArray
    node: IntArray


def cut_nodes(
    web: Web, graph: Graph, nodes: IntArray, snaps: Snaps, near: IntArray
) -> tuple[IntArray, Cuts]:
    """Give the node where each near end meets the graph, and those made within pieces."""
    piece, along_m = snaps.piece[near], snaps.along_m[near]
    is_tail, is_head = along_m == 0, along_m == graph.lengths_m[piece]
    node = np.where(is_tail, nodes[graph.tails[piece]], nodes[graph.heads[piece]])
    inner = np.flatnonzero(~is_tail & ~is_head)
    order = inner[np.lexsort((along_m[inner], piece[inner]))]
    is_new = np.ones(len(order), dtype=np.bool_)
    is_new[1:] = (np.diff(piece[order]) != 0) | (np.diff(along_m[order]) != 0)
    made = web.new_nodes(snaps.position[near][order[is_new]])
    node[order] = made[np.cumsum(is_new) - 1]
    return node, Cuts(piece[order[is_new]], along_m[order[is_new]], made)


def parts_of(
    graph: Graph, nodes: IntArray, is_usable: BoolArray, cuts: Cuts
) -> tuple[IntArray, FloatArray, FloatArray, IntArray, IntArray]:
    """Cut the usable pieces: the piece, the start, the end and the two nodes of each part."""
    pieces = np.flatnonzero(is_usable)
    piece = np.concatenate([pieces, cuts.piece, pieces])
    at = np.concatenate([np.zeros(len(pieces)), cuts.along_m, graph.lengths_m[pieces]])
    node = np.concatenate([nodes[graph.tails[pieces]], cuts.node, nodes[graph.heads[pieces]]])
    order = np.lexsort((at, piece))
    piece, at, node = piece[order], at[order], node[order]
    same = piece[1:] == piece[:-1]
    return piece[1:][same], at[:-1][same], at[1:][same], node[:-1][same], node[1:][same]
