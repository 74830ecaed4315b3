import io
import os
import tarfile
import tracemalloc
from pathlib import Path

import pytest

from longshore.cli.context import prepare, stream
from longshore.model.errors import Invalid, LongshoreError, Refused
from longshore.model.spec import Build


def anything(path: Path, _what: str) -> Path:
    return path.resolve()


def members(build: Build) -> tuple[dict[str, tarfile.TarInfo], Build, tarfile.TarFile]:
    context = prepare(build, anything)
    tar = tarfile.open(fileobj=io.BytesIO(b"".join(stream(context))))  # noqa: SIM115 - read by the test
    return {info.name: info for info in tar.getmembers()}, context.build, tar


def tree(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_context_goes_whole_sorted_and_nobodys(tmp_path: Path) -> None:
    tree(tmp_path, Dockerfile="FROM x", b="2", a__c="3")
    (tmp_path / "a/run").write_text("x")
    (tmp_path / "a/run").chmod(0o755)
    (tmp_path / "link").symlink_to("a/c")
    (tmp_path / "out").symlink_to("/etc")
    os.mkfifo(tmp_path / "pipe")
    found, build, tar = members(Build(context=str(tmp_path)))
    assert list(found) == ["Dockerfile", "a", "a/c", "a/run", "b", "link", "out"]
    assert found["a/run"].mode == 0o755
    assert found["link"].issym()
    assert found["link"].linkname == "a/c"
    assert found["out"].linkname == "/etc"
    assert {(info.uid, info.gid, info.uname) for info in found.values()} == {(0, 0, "")}
    content = tar.extractfile("a/c")
    assert content is not None
    assert content.read() == b"3"
    assert build.dockerfile == "Dockerfile"


def test_the_same_tree_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    for folder, names in ((first, "abc"), (second, "cba")):
        tree(folder, Dockerfile="FROM x", **dict.fromkeys(names, "text"))
        for path in folder.iterdir():
            os.utime(path, (1_000_000, 1_000_000))
    streams = [b"".join(stream(prepare(Build(context=str(f)), anything))) for f in (first, second)]
    assert streams[0] == streams[1]


def test_what_is_ignored_stays_behind_but_the_dockerfile_goes(tmp_path: Path) -> None:
    tree(
        tmp_path,
        Dockerfile="FROM x",
        _dot_dockerignore="*\n!src/**/*.py\n",
        src__a="no",
        src__deep__b_dot_py="yes",
        lib__c_dot_py="no",
    )
    found, _, _ = members(Build(context=str(tmp_path)))
    assert sorted(found) == [".dockerignore", "Dockerfile", "src", "src/deep", "src/deep/b.py"]


def test_a_dockerfile_in_an_ignored_folder_goes(tmp_path: Path) -> None:
    tree(tmp_path, docker__Dockerfile="FROM x", _dot_dockerignore="docker", a="1")
    found, build, _ = members(Build(context=str(tmp_path), dockerfile="docker/Dockerfile"))
    assert sorted(found) == [".dockerignore", "a", "docker", "docker/Dockerfile"]
    assert build.dockerfile == "docker/Dockerfile"


def test_a_dockerfiles_own_rules_go_before_the_folders(tmp_path: Path) -> None:
    tree(tmp_path, Dockerfile="FROM x", a="1", b="2", _dot_dockerignore="a")
    (tmp_path / "Dockerfile.dockerignore").write_text("b\n*.dockerignore")
    found, _, _ = members(Build(context=str(tmp_path)))
    assert sorted(found) == ["Dockerfile", "a"]


def test_an_inline_dockerfile_goes_as_a_file(tmp_path: Path) -> None:
    tree(tmp_path, a="1")
    found, build, tar = members(Build(context=str(tmp_path), dockerfile_inline="FROM y\n"))
    assert build.dockerfile in found
    assert build.dockerfile_inline == ""
    content = tar.extractfile(build.dockerfile)
    assert content is not None
    assert content.read() == b"FROM y\n"


def test_a_dockerfile_outside_the_context_goes_along(tmp_path: Path) -> None:
    tree(tmp_path, Dockerfile="FROM z", app__a="1")
    found, build, _ = members(Build(context=str(tmp_path / "app"), dockerfile="../Dockerfile"))
    assert sorted(found) == [build.dockerfile, "a"]


def test_a_large_file_is_never_held_whole(tmp_path: Path) -> None:
    tree(tmp_path, Dockerfile="FROM x")
    with (tmp_path / "large").open("wb") as file:
        file.truncate(64 * 1024 * 1024)
    context = prepare(Build(context=str(tmp_path)), anything)
    tracemalloc.start()
    sent = sum(len(piece) for piece in stream(context))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent > 64 * 1024 * 1024
    assert peak < 4 * 1024 * 1024


@pytest.mark.parametrize(
    ("build", "code"),
    [
        (Build(context="nowhere"), "context-missing"),
        (Build(context="."), "dockerfile-missing"),
        (Build(context="Makefile"), "context-missing"),
    ],
)
def test_wrong_contexts(tmp_path: Path, build: Build, code: str) -> None:
    (tmp_path / "Makefile").write_text("")
    absolute = Build(context=str(tmp_path / build.context))
    with pytest.raises(Invalid) as caught:
        prepare(absolute, anything)
    assert caught.value.code == code


def test_a_context_outside_the_project_is_refused(tmp_path: Path) -> None:
    def never(path: Path, what: str) -> Path:
        raise Refused(f"{what}: {path}", code="outside-root")

    with pytest.raises(LongshoreError, match="build context"):
        prepare(Build(context=str(tmp_path)), never)
