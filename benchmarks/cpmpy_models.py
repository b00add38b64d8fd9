"""The energy strategy on CPMpy models beside CPMpy's ortools.

    python benchmarks/cpmpy_models.py --limit 10

Prints a table of seconds, translation included, with the objective where there is one.
"""

from __future__ import annotations

import argparse
import time

import cpmpy as cp
import numpy as np

import latent_ebm.modelling  # noqa: F401 - makes the solver known to CPMpy


def queens(n):
    q = cp.intvar(0, n - 1, shape=n)
    up, down = q + np.arange(n), q - np.arange(n)
    return cp.Model(cp.AllDifferent(q), cp.AllDifferent(up), cp.AllDifferent(down))


def send_more_money():
    s, e, n, d, m, o, r, y = digits = cp.intvar(0, 9, shape=8)

    def number(*figures):
        return sum(f * 10**i for i, f in enumerate(reversed(figures)))

    sums = number(s, e, n, d) + number(m, o, r, e) - number(m, o, n, e, y) == 0
    return cp.Model(cp.AllDifferent(digits), sums, s > 0, m > 0)


def zebra():
    colour, nation, job, pet, drink = (cp.intvar(1, 5, shape=5) for _ in range(5))
    _yellow, green, red, white, _blue = colour
    italy, spain, japan, england, norway = nation
    painter, sculptor, diplomat, pianist, doctor = job
    _cat, _zebra, bear, snails, horse = pet
    milk, _water, tea, coffee, juice = drink
    model = cp.Model([cp.AllDifferent(one) for one in (colour, nation, job, pet, drink)])
    model += [painter == horse, diplomat == coffee, white == milk, spain == painter]
    model += [england == red, snails == sculptor, green + 1 == red, abs(norway - _blue) == 1]
    model += [doctor == milk, japan == diplomat, norway == 1, abs(_cat - italy) == 1]
    model += [tea >= 1, juice >= 1, bear >= 1, pianist >= 1]
    return model


def knapsack(n=30):
    rng = np.random.default_rng(1)
    weights, values = rng.integers(5, 40, n), rng.integers(5, 40, n)
    taken = cp.boolvar(shape=n)
    fits = cp.sum(weights * taken) <= int(weights.sum()) // 3
    return cp.Model(fits, maximize=cp.sum(values * taken))


def colouring(n=60, colours=6):
    rng = np.random.default_rng(2)
    hidden, colour = rng.integers(colours, size=n), cp.intvar(1, colours, shape=n)
    pairs = [(i, j) for i in range(n) for j in range(i) if hidden[i] != hidden[j]]
    return cp.Model([colour[i] != colour[j] for i, j in pairs if rng.random() < 0.3])


def sudoku():
    text = "8..........36......7..9.2...5...7.......457.....1...3...1....68..85...1..9....4.."
    cells = cp.intvar(1, 9, shape=(9, 9))
    model = cp.Model([cp.AllDifferent(line) for line in (*cells, *cells.T)])
    corners = [(i, j) for i in (0, 3, 6) for j in (0, 3, 6)]
    model += [cp.AllDifferent(cells[i : i + 3, j : j + 3]) for i, j in corners]
    model += [c == int(f) for c, f in zip(cells.ravel(), text, strict=True) if f != "."]
    return model


def job_shop(jobs=4, machines=3):
    rng = np.random.default_rng(3)
    length = rng.integers(1, 7, (jobs, machines))
    order = np.array([rng.permutation(machines) for _ in range(jobs)])
    horizon = int(length.sum()) // 2
    start, end = cp.intvar(0, horizon, shape=(jobs, machines)), cp.intvar(0, horizon)
    model = cp.Model(minimize=end)
    for j in range(jobs):
        for a, b in zip(order[j], order[j][1:], strict=False):
            model += start[j, a] + int(length[j, a]) <= start[j, b]
        last = order[j][-1]
        model += start[j, last] + int(length[j, last]) <= end
    for m in range(machines):
        model += cp.NoOverlap(list(start[:, m]), length[:, m].tolist())
    return model


def golomb(marks=7, longest=30):
    mark = cp.intvar(0, longest, shape=marks)
    gaps = [mark[j] - mark[i] for i in range(marks) for j in range(i + 1, marks)]
    model = cp.Model(mark[0] == 0, cp.AllDifferent(gaps), minimize=mark[-1])
    return model + [mark[i] < mark[i + 1] for i in range(marks - 1)]


MODELS = {
    **{f"{n} queens": lambda n=n: queens(n) for n in (8, 50, 200, 500)},
    "send more money": send_more_money,
    "zebra": zebra,
    "knapsack, 30 items": knapsack,
    "colouring, 60 vertices, 6 colours": colouring,
    "Sudoku, 21 clues": sudoku,
    "job shop, 4 jobs, 3 machines": job_shop,
    "Golomb ruler, 7 marks": golomb,
}


def measured(make, solver, limit):
    model = make()
    begun = time.perf_counter()
    options = {"num_workers": 2} if solver == "ortools" else {}
    solved = model.solve(solver=solver, time_limit=limit, **options)
    seconds = f"{time.perf_counter() - begun:.2f}"
    if not solved:
        return f"- ({seconds})"
    return f"{seconds}, {model.objective_value()}" if model.has_objective() else seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--limit", type=float, default=10.0, help="seconds for each")
    limit = parser.parse_args().limit
    measured(sudoku, "latent_ebm:energy", limit)  # loads the kernels
    measured(send_more_money, "latent_ebm:energy", limit)
    print("| model | energy | hybrid | ortools |\n|---|---|---|---|")
    for name, make in MODELS.items():
        solvers = ("latent_ebm:energy", "latent_ebm:hybrid", "ortools")
        cells = [measured(make, solver, limit) for solver in solvers]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
