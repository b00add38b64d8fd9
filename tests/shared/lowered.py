"""Lowered factors in plain Python, from the docstring of ``Kind`` and nothing else."""

from latent_ebm.kernels.factors import BLOCKLESS, Kind, Operator

COMPARE = {
    Operator.NOT_EQUAL: lambda a, b: a != b,
    Operator.LESS: lambda a, b: a < b,
    Operator.AT_MOST: lambda a, b: a <= b,
    Operator.EQUAL: lambda a, b: a == b,
}


def allows(table, f, p):
    """Whether a lowered factor allows 0/1 choices p of its members, its guard set aside."""
    k, kind = table.num_values, Kind(int(table.kind[f]))
    start = int(table.members.offsets[f])
    weights = [int(table.weights[start + m]) for m in range(len(p))]
    parameters = table.parameters.row(f).tolist()
    if kind is Kind.CARDINALITY:
        return parameters[0] <= sum(p) <= parameters[1]
    if kind is Kind.CLAUSE:
        return any(c == (w == 1) for c, w in zip(p, weights, strict=True))
    if kind is Kind.LINEAR:
        total = sum(w for c, w in zip(p, weights, strict=True) if c)
        return parameters[0] <= total <= parameters[1]
    states = [list(p[m : m + k]).index(1) for m in range(0, len(p), k)]
    return BLOCK_KINDS[kind](states, parameters, k)


def allows_table(states, parameters, _):
    count, rows = parameters[0], parameters[1:]
    width = len(states)
    assert len(rows) == count * width
    return any(states == rows[t * width : (t + 1) * width] for t in range(count))


def allows_regular(states, parameters, k):
    size, state = parameters[:2]
    accepting, transitions = parameters[2 : 2 + size], parameters[2 + size :]
    assert len(transitions) == size * k
    for a in states:
        state = transitions[state * k + a]
        if state == -1:
            return False
    return accepting[state] == 1


def allows_relation(states, parameters, _):
    operator, offset = parameters
    return COMPARE[Operator(operator)](states[0], states[1] + offset)


def allows_element(states, parameters, _):
    index, *array, result = (s + o for s, o in zip(states, parameters, strict=True))
    return 0 <= index < len(array) and array[index] == result


BLOCK_KINDS = {
    Kind.TABLE: allows_table,
    Kind.REGULAR: allows_regular,
    Kind.RELATION: allows_relation,
    Kind.ELEMENT: allows_element,
}


def lowered_holds(table, f, v):
    """Whether a lowered factor holds at an assignment."""
    k, guard = table.num_values, int(table.guard[f])
    if guard >= 0 and v[guard // k] != guard % k:
        return True
    members = table.members.row(f).tolist()
    if Kind(int(table.kind[f])) not in (*BLOCKLESS, Kind.LINEAR):
        assert members == [m // k * k + a for m in members[::k] for a in range(k)]
    return allows(table, f, [int(v[e // k] == e % k) for e in members])
