"""Docker's rules for .dockerignore, case by case."""

import pytest

from longshore.cli.ignore import hopeless, ignored, read_rules
from longshore.model.errors import Invalid

CASES = [
    # rules, path, ignored
    ("", "a", False),
    ("a", "a", True),
    ("a", "b/a", False),
    ("a", "a/b/c", True),
    ("/a", "a", True),
    ("a/", "a/b", True),
    ("./a", "a", True),
    ("a/../b", "b", True),
    ("# a\na b", "a", False),
    ("*.md", "x.md", True),
    ("*.md", "docs/x.md", False),
    ("*/x.md", "docs/x.md", True),
    ("*/*/x.md", "a/b/x.md", True),
    ("**/x.md", "x.md", True),
    ("**/x.md", "a/b/x.md", True),
    ("**/x.md", "a/b/yx.md", False),
    ("**/*.pyc", "a/b/c.pyc", True),
    ("**/*.pyc", "c.pyc", True),
    ("**x", "a/bx", True),
    ("**", "a/b", True),
    ("a/**", "a/b/c", True),
    ("a/**", "a", False),
    ("a/**/c", "a/c", True),
    ("a/**/c", "a/b/b/c", True),
    ("a/**/c", "a/bc", False),
    ("temp?", "temp1", True),
    ("temp?", "temp", False),
    ("temp?", "temp12", False),
    ("[ab].txt", "a.txt", True),
    ("[^ab].txt", "a.txt", False),
    ("[a-c]x", "bx", True),
    ("a.txt", "axtxt", False),
    ("a+b(c)$", "a+b(c)$", True),
    (r"a\*b", "a*b", True),
    (r"a\*b", "axb", False),
    ("*\n!a", "a", False),
    ("*\n!a", "b", True),
    ("!a\n*", "a", True),
    ("*.md\n!README*.md\nREADME-secret.md", "README-secret.md", True),
    ("*.md\n!README*.md\nREADME-secret.md", "README-x.md", False),
    ("*\n!src", "src/a/b.py", False),
    ("*\n!src/**/*.py", "src/a/b.py", False),
    ("*\n!src/**/*.py", "src/a/b.txt", True),
    ("node_modules\n!node_modules/keep", "node_modules/keep/x", False),
    ("! a", "a", False),
    ("\ufeffa", "a", True),
    ("  a  ", "a", True),
    (".git", ".github", False),
]


@pytest.mark.parametrize(("rules", "path", "out"), CASES)
def test_rules(rules: str, path: str, out: bool) -> None:
    assert ignored(path, read_rules(rules)) is out


@pytest.mark.parametrize("rules", ["!", "[a", "a\n!  "])
def test_what_is_no_pattern_is_named_with_its_line(rules: str) -> None:
    with pytest.raises(Invalid, match="line"):
        read_rules(rules)


@pytest.mark.parametrize(
    ("rules", "folder", "out"),
    [
        ("*", "a", True),
        ("*\n!a/b", "a", False),
        ("*\n!a/b", "c", True),
        ("*\n!src/**/*.py", "src", False),
        ("*\n!src/**/*.py", "src/deep", False),
        ("*\n!src/**/*.py", "lib", True),
        ("*\n!**/*.py", "lib/deep", False),
    ],
)
def test_a_folder_is_passed_over_only_where_nothing_in_it_comes_back(
    rules: str, folder: str, out: bool
) -> None:
    assert hopeless(folder, read_rules(rules)) is out
