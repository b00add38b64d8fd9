"""Random tree grammars, and all derivations of small ones by plain recursion."""

from itertools import product

import numpy as np

from latent_ebm.kernels.trees import Grammar, Trees


def random_grammar(rng, productions=6, width=2, types=3):
    """The first types have a leaf each, half of the productions at most."""
    leaves = min(types, (productions + 1) // 2)
    arity = rng.integers(0, width + 1, productions)
    arity[:leaves] = 0
    result = rng.integers(0, types, productions)
    result[:leaves] = np.arange(leaves)
    accepts = rng.random((productions, width, types)) < 0.5
    blind = ~accepts.any(axis=2)
    accepts[blind, rng.integers(0, types, blind.sum())] = True
    return Grammar(tuple(f"t{g}" for g in range(types)), result, arity, accepts)


def random_trees(rng, slots=4, **sizes):
    """A random grammar over a random skeleton."""
    grammar = random_grammar(rng, **sizes)
    width = grammar.accepts.shape[1]
    free, children = [(0, j) for j in range(width)], np.full((slots, width), -1)
    for s in range(1, slots):
        parent, j = free.pop(int(rng.integers(len(free))))
        children[parent, j] = s
        free += [(s, i) for i in range(width)]
    return Trees(children, grammar)


def random_scores(rng, trees, batch, *, forbidden=0.0, spread=1.0):
    """Log-potentials [B, S, P + 1], a share of them -inf."""
    scores = rng.normal(0, spread, (batch, *trees.shape))
    scores[rng.random(scores.shape) < forbidden] = -np.inf
    return scores


def derivations(trees):
    """Every derivation as a tuple of S states, whatever the scores."""
    grammar, slots = trees.grammar, len(trees.children)

    def below(slot, types):
        """Assignments {slot: state} of a subtree; types None is EMPTY."""
        if types is None:
            inner = [c for c in trees.children[slot].tolist() if c >= 0]
            parts = [below(c, None) for c in inner]
            return [merged({slot: grammar.empty}, *p) for p in product(*parts)]
        found = []
        for p in range(grammar.count):
            if grammar.result[p] not in types:
                continue
            parts = []
            for j, child in enumerate(trees.children[slot].tolist()):
                used = j < grammar.arity[p]
                if child >= 0:
                    wanted = set(np.flatnonzero(grammar.accepts[p, j]).tolist())
                    parts.append(below(child, wanted if used else None))
                elif used:
                    parts.append([])
            found += [merged({slot: p}, *part) for part in product(*parts)]
        return found

    every = below(0, set(range(len(grammar.types))))
    return sorted(tuple(each[s] for s in range(slots)) for each in every)


def merged(*parts):
    return {s: p for part in parts for s, p in part.items()}


def worths(scores, every):
    """The score of each derivation: [S, P + 1] to [D]."""
    values = np.array(every)
    return scores[np.arange(values.shape[1]), values].sum(axis=1)
