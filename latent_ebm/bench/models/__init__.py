"""How a practitioner would put each kind of puzzle to the other solvers, a module per kind.

A module has some of these; a peer for which it has none is left out, and named:

* ``cpsat(problem, model)``: adds to a CP-SAT model, returns the expressions of values [N];
* ``clauses(problem)``: an :class:`~latent_ebm.bench.models.clauses.Encoding` for SAT solvers;
* ``z3(problem, solver)``: adds to a z3 solver, returns the integer expressions of values [N]. A
  kind without it goes to z3 as clauses.
"""
