"""Files and variables travel by need, and only from where they may."""

from pathlib import Path

import pytest

from longshore.cli.selection import Selection
from longshore.cli.sources import Project, begin, gather
from longshore.model.errors import Failed, Invalid, LongshoreError, Refused
from longshore.model.template import Needs, Sources


def start(
    cwd: Path,
    *files: str,
    environ: dict[str, str] | None = None,
    profile: tuple[str, ...] = (),
    env_file: tuple[str, ...] = (),
    root: tuple[str, ...] = (),
) -> tuple[Project, Sources]:
    selection = Selection(files=files, profile=profile, env_file=env_file, root=root)
    return begin(selection, cwd=cwd, environ=environ or {}, stdin=lambda _: b"from stdin")


def test_a_file_by_name(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/a.yaml").write_text("services: {}")
    project, sources = start(tmp_path, "shop/a.yaml")
    assert sources.directory == str(tmp_path / "shop")
    assert sources.templates == ("a.yaml",)
    assert sources.files == {"a.yaml": "services: {}"}
    assert project.roots == (tmp_path / "shop",)


def test_several_files_count_from_the_first(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/a.yaml").write_text("a")
    (tmp_path / "b.yaml").write_text("b")
    _, sources = start(tmp_path, "shop/a.yaml", "b.yaml")
    assert sources.templates == ("a.yaml", "../b.yaml")
    assert sources.files == {"a.yaml": "a", "../b.yaml": "b"}


@pytest.mark.parametrize(
    ("present", "found"),
    [
        (["docker-compose.yaml"], ["docker-compose.yaml"]),
        (["compose.yaml", "docker-compose.yml"], ["compose.yaml"]),
        (["compose.yml", "compose.yaml"], ["compose.yaml"]),
        (["compose.yaml", "compose.override.yml"], ["compose.yaml", "compose.override.yml"]),
    ],
)
def test_without_a_file_the_usual_names_are_looked_for_here_and_above(
    tmp_path: Path, present: list[str], found: list[str]
) -> None:
    below = tmp_path / "src/deep"
    below.mkdir(parents=True)
    for name in present:
        (tmp_path / name).write_text(name)
    for cwd in (tmp_path, below):
        _, sources = start(cwd)
        assert sources.directory == str(tmp_path)
        assert list(sources.templates) == found


def test_a_folder_means_the_template_in_it(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/compose.yaml").write_text("x")
    _, sources = start(tmp_path, "shop")
    assert (sources.directory, sources.templates) == (str(tmp_path / "shop"), ("compose.yaml",))


def test_standard_input(tmp_path: Path) -> None:
    _, sources = start(tmp_path, "-")
    assert sources.files == {"-": "from stdin"}
    assert sources.directory == str(tmp_path)
    with pytest.raises(Invalid, match="once"):
        start(tmp_path, "-", "-")


def test_what_docker_compose_takes_from_the_environment(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a")
    (tmp_path / "b.yaml").write_text("b")
    environ = {
        "COMPOSE_FILE": "a.yaml:b.yaml",
        "COMPOSE_PROJECT_NAME": "mine",
        "COMPOSE_PROFILES": "debug, extra",
        "COMPOSE_ENV_FILES": "x.env",
    }
    _, sources = start(tmp_path, environ=environ)
    assert sources.templates == ("a.yaml", "b.yaml")
    assert (sources.project, sources.profiles, sources.env_files) == ("mine", ("debug", "extra"), ("x.env",))
    _, sources = start(tmp_path, "a.yaml", environ=environ, profile=("one",))
    assert (sources.templates, sources.profiles) == (("a.yaml",), ("one",))


def test_only_what_is_asked_for_goes(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("x")
    (tmp_path / "web.env").write_text("A=1")
    (tmp_path / "private").write_text("no")
    project, sources = start(tmp_path, environ={"TAG": "1.2", "SECRET": "no"})
    needs = Needs(files=("web.env", "gone.env"), optional=(".env",), variables=("TAG", "UNSET"))
    sources = gather(project, sources, needs)
    assert sources.files == {"compose.yaml": "x", "web.env": "A=1", "gone.env": None, ".env": None}
    assert sources.variables == {"TAG": "1.2", "UNSET": None}


def test_a_reader_that_asks_in_circles_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("x")
    project, sources = start(tmp_path)
    with pytest.raises(Failed):
        gather(project, sources, Needs(files=("compose.yaml",)))


def outside(tmp_path: Path) -> tuple[Path, Path]:
    shop, other = tmp_path / "shop", tmp_path / "other"
    shop.mkdir()
    other.mkdir()
    (shop / "compose.yaml").write_text("x")
    (other / "secret").write_text("secret")
    (shop / "link").symlink_to(other / "secret")
    return shop, other


@pytest.mark.parametrize("name", ["../other/secret", "link", "ABSOLUTE", "~/secret"])
def test_a_file_outside_is_refused_however_it_is_reached(tmp_path: Path, name: str) -> None:
    shop, other = outside(tmp_path)
    name = name.replace("ABSOLUTE", str(other / "secret"))
    environ = {"HOME": str(other)}
    project, sources = start(shop, environ=environ)
    with pytest.raises(Refused) as caught:
        gather(project, sources, Needs(files=(name,)))
    assert f"--root {other}" in caught.value.remedy
    project, sources = start(shop, environ=environ, root=("../other",))
    assert gather(project, sources, Needs(files=(name,))).files[name] == "secret"


def test_a_file_that_the_user_named_may_lie_anywhere(tmp_path: Path) -> None:
    outside(tmp_path)
    project, sources = start(tmp_path, "shop/compose.yaml", env_file=("other/secret",))
    assert sources.env_files == ("../other/secret",)
    assert gather(project, sources, Needs(files=("../other/secret",))).files["../other/secret"] == "secret"


def test_a_folder_that_only_begins_alike_is_outside(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop-secret").mkdir()
    (tmp_path / "shop-secret/a").write_text("x")
    (tmp_path / "shop/compose.yaml").write_text("x")
    project, sources = start(tmp_path / "shop")
    with pytest.raises(Refused):
        gather(project, sources, Needs(files=("../shop-secret/a",)))


def test_a_link_in_a_circle_is_no_crash(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("x")
    (tmp_path / "loop").symlink_to("loop")
    project, sources = start(tmp_path)
    with pytest.raises(LongshoreError):
        gather(project, sources, Needs(files=("loop",)))


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("x")
    (tmp_path / "binary").write_bytes(b"ab\xff")
    (tmp_path / "folder").mkdir()
    project, sources = start(tmp_path)
    for name, why in (("binary", "byte 2"), ("folder", "folder")):
        with pytest.raises(Invalid, match=why):
            gather(project, sources, Needs(files=(name,)))
    with pytest.raises(Invalid, match="no such file"):
        start(tmp_path, "compose.yml")


def test_no_template_anywhere(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        start(tmp_path)
    assert caught.value.code == "template-missing"
