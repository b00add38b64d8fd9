"""Classes of the program: what is known of them, and edits of attributes and methods."""

import pytest
from small_programs import SmallProgram, context_of

from latent_ebm.puzzles.code.grammar.classes import Method
from latent_ebm.puzzles.code.grammar.context import Terms
from latent_ebm.puzzles.code.grammar.edits import applied
from latent_ebm.puzzles.code.grammar.space import edits

TEXT = """\
from dataclasses import dataclass


@dataclass
class Point:
    x: int
    y: int = 0

    @property
    def far(self):
        return self.x + self.y


class Node:
    def __init__(self, value, next=None):
        self.value = value
        self.next = next


class Base:
    limit = 10

    def room(self):
        return self.limit


class Stack(Base):
    def __init__(self):
        self.items = []
        self.size = 0
        self.head = None

    def push(self, x):
        self.items.append(x)
        self.head = Node(x, self.head)

    def pop(self):
        self.size = 1
        return self.items.pop()

    def peek(self):
        return self.size

    def full(self):
        return len(self.items) >= self.size

    def total(self):
        total = 0
        node = self.head
        while node:
            total += node.value
            node = node.value
        return total

    def second(self):
        node = self.head
        return node.value

    def move(self, point):
        point.x = 3
        return point.y


def run(xs):
    s = Stack()
    for x in xs:
        s.push(x)
    p = Point(1)
    last = s.pop()
    found = s.peek(), s.full(), s.second(), s.move(p), s.room(), p.far
    return last, found, s.total()
"""


@pytest.fixture(scope="module")
def context():
    small = SmallProgram("classes", TEXT, "run", (([1, 2],), ([3, 4, 5],)))
    return context_of(small, Terms(localisation=False))


def test_attributes_have_the_types_that_were_seen(context):
    known = context.classes
    assert known.attributes("Point") == {"x": "int", "y": "int", "far": "int"}
    assert known.attributes("Node") == {"value": "int", "next": "Node"}
    assert known.attributes("Stack") == {
        "limit": "int",
        "items": "list[int]",
        "size": "int",
        "head": "Node",
    }
    assert known.attributes("list[int]") == {}


def test_methods_have_parameters_results_and_those_of_their_bases(context):
    methods = context.classes.methods("Stack")
    assert methods["push"] == Method("push", ("int",), 1, "NoneType")
    assert methods["pop"] == Method("pop", (), 0, "int")
    assert methods["room"].result == "int"
    assert "far" not in context.classes.methods("Point")


def test_classes_are_called_as_they_take_arguments(context):
    made = {one.name: one for one in context.classes.constructors}
    assert (made["Point"].parameters, made["Point"].most) == (("int",), 2)
    assert (made["Node"].parameters, made["Node"].most) == (("int",), 2)
    assert made["Stack"].parameters == ()


PUSHED = "        self.items.append(x)\n"
SECOND = "        node = self.head\n        return"
FIXES = [
    ("return self.size\n", "return self.limit\n", 1.5),
    ("return self.size\n", "return self.peek()\n", 7.0),
    ("            node = node.value\n", "            node = node.next\n", 1.5),
    ("        return node.value\n", "        return node.next.value\n", 4.0),
    ("        self.size = 1\n", "        self.size -= 1\n", 4.0),
    (PUSHED, PUSHED + "        self.size += 1\n", 8.0),
    (">= self.size", ">= self.limit", 1.5),
    ("last = s.pop()", "last = s.peek()", 2.0),
    ("self.items.pop()", "self.items.copy()", 4.5),
    ("        point.x = 3\n", "        point.y = 3\n", 3.5),
    (SECOND, SECOND.replace("head", "head.next"), 4.0),
    ("while node:", "while node is not None:", 5.0),
]


@pytest.fixture(scope="module")
def repaired(context):
    made = edits(context, ceiling=8.0)
    return {applied(context.program.source, [edit]): edit for edit in reversed(made)}


@pytest.mark.parametrize(("bug", "fix", "price"), FIXES)
def test_a_bug_of_a_class_is_one_edit_from_its_fix(bug, fix, price, repaired):
    fixed = TEXT.replace(bug, fix, 1)
    assert TEXT.count(bug) == 1
    if fixed not in repaired:
        pytest.fail(f"no edit gives {fix!r}")
    assert repaired[fixed].cost <= price


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_edits_of_classes_compile(repaired):
    for text in list(repaired)[::101]:
        compile(text, "<edited>", "exec")
