"""What the grammar can say comes out of repair and fill: imports, attributes, comprehensions."""

import latent_ebm


def cases_of(*pairs):
    return [{"args": list(args), "expected": expected} for args, expected in pairs]


def test_missing_imports_are_added_below_the_docstring():
    program = (
        '"""Queues."""\n\n\ndef rotated(xs, n):\n    queue = deque(xs)\n    heapq.heapify(xs)\n'
        "    queue.rotate(n)\n    return list(queue)\n"
    )
    tests = cases_of((([1, 2, 3], 1), [3, 1, 2]), (([1, 2, 3, 4], 2), [3, 4, 1, 2]))
    answer = latent_ebm.repair(program, tests=tests, time_limit=30.0)
    assert answer.solved
    head = '"""Queues."""\n\nfrom collections import deque\nimport heapq\n'
    assert answer.text == head + program.removeprefix('"""Queues."""\n')


def test_a_filling_brings_its_import():
    program = "def most(xs):\n    counts = ...\n    return max(counts, key=counts.get)\n"
    tests = cases_of(((["a", "b", "a"],), "a"), ((["x"],), "x"), ((["q", "z", "z"],), "z"))
    answer = latent_ebm.fill(program, tests=tests, time_limit=30.0)
    assert answer.solved
    assert answer.text.startswith("from collections import Counter\n\n\ndef most(xs):\n")


def test_programs_that_lack_imports_are_filled():
    program = "def largest(xs):\n    return heapq.nlargest(__hole__, xs)\n"
    tests = cases_of((([1, 3, 2],), [3]), (([5, 4],), [5]))
    answer = latent_ebm.fill(program, tests=tests, time_limit=30.0)
    assert answer.solved
    assert answer.text == "import heapq\n\n\n" + program.replace("__hole__", "1")


def test_the_wrong_attribute_is_mended():
    program = (
        "class Node:\n    def __init__(self, value, next=None):\n        self.value = value\n"
        "        self.next = next\n\n\ndef total(xs):\n    node = None\n    for x in xs:\n"
        "        node = Node(x, node)\n    found = 0\n    while node is not None:\n"
        "        found += node.value\n        node = node.value\n    return found\n"
    )
    tests = cases_of((([1, 2, 3],), 6), (([],), 0), (([5],), 5))
    answer = latent_ebm.repair(program, tests=tests, time_limit=30.0)
    assert answer.solved
    assert answer.text == program.replace("node = node.value", "node = node.next")
