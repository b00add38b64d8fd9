"""What may fill an expression hole, told apart by the values that it gives while tests run.

Running a program costs a hundred times what evaluating an expression does. A test depends on what
fills its hole only through the values given each time that the hole is reached: so runs are kept
as trees over these values (``value_tree``), and an expression whose values lead down a known path
is judged without a run. Expressions are put together bottom-up with their values at some of the
states seen (``value_pool``); of those that agree there, the cheapest is built upon.
"""
