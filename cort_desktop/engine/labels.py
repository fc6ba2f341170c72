"""Names under which judges see candidates: three consonants that tell nothing (CONTRACT 4).

One list, shuffled by the run's seed; a node takes the label at its own place among the run's nodes, so it
keeps it in every verdict of the run and no two nodes share one. Who is shown in which order is ``orders.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import product

from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.engine.chance import shuffled

CONSONANTS = "bcdfghjklmnpqrstvwxz"

# Rude, or an abbreviation that an answer may well be about.
_UNFIT = (
    "btw cnt css csv dck dns dvd fck fgt ftp gps gpt hrs jpg klm ltd mcp mph mrs msg ngr nft php png prn "
    "psd rgb sdk sht slt sms sql src ssd std stc tcp tld tls tsv vpn wtf xls xml xxx xss zfs"
)


def label(seed: int, ordinal: int) -> str:
    """The label of the run's node number ``ordinal`` (from 0). After thousands of nodes they come round."""
    shuffled_labels = _labels(seed)
    return shuffled_labels[ordinal % len(shuffled_labels)]


def labels_for(seed: int, ordinals: Mapping[NodeName, int]) -> dict[str, NodeName]:
    """Label → node, in the order given. Where labels have come round, one that is taken is passed over."""
    found: dict[str, NodeName] = {}
    for node, ordinal in ordinals.items():
        place = ordinal
        while label(seed, place) in found:
            place += 1
        found[label(seed, place)] = node
    return found


def labels_of(state: RunState, nodes: Iterable[NodeName]) -> dict[str, NodeName]:
    """Label → node for these nodes of a run, in the order given."""
    return labels_for(state.spec.seed, {node: state.nodes[node].ordinal for node in nodes})


@lru_cache(maxsize=16)
def _labels(seed: int) -> tuple[str, ...]:
    every = ("".join(letters) for letters in product(CONSONANTS, repeat=3) if len(set(letters)) > 1)
    return tuple(shuffled((name for name in every if name not in _UNFIT), f"labels:{seed}"))
