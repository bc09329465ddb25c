"""What is installed is what lies in the checkout."""

from __future__ import annotations

import configparser
import importlib.metadata
import tomllib
from pathlib import Path

import pytest

from fstmuse.data.registry import DATASETS
from fstmuse.networks.catalogue import CATALOGUE

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def config() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(REPOSITORY / "setup.cfg", encoding="utf-8")
    return parser


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def test_every_package_is_listed(config: configparser.ConfigParser) -> None:
    found = {
        ".".join(file.parent.relative_to(REPOSITORY).parts)
        for package in ("fstmuse", "gui")
        for file in (REPOSITORY / package).rglob("__init__.py")
    }
    packaged = {name.replace("gui", "fstmuse_gui", 1) if name.startswith("gui") else name for name in found}
    assert set(lines(config["options"]["packages"])) == packaged | {"fstmuse_data_manifests"}


def test_every_command_has_a_script_and_a_main(config: configparser.ConfigParser) -> None:
    scripts = dict(line.split(" = ") for line in lines(config["options.entry_points"]["console_scripts"]))
    files = [file for file in (REPOSITORY / "fstmuse").glob("*.py") if "= make_app(" in file.read_text("utf-8")]
    commands = {file.stem for file in files}
    assert scripts == {f"fstmuse-{name}": f"fstmuse.{name}:main" for name in commands}
    assert all("def main()" in (REPOSITORY / "fstmuse" / f"{name}.py").read_text("utf-8") for name in commands)


def test_every_network_has_a_preset_that_is_packaged(config: configparser.ConfigParser) -> None:
    presets = {file.stem for file in (REPOSITORY / "fstmuse" / "training" / "presets").glob("*.toml")}
    assert presets == set(CATALOGUE)
    assert config["options.package_data"]["fstmuse.training.presets"] == "*.toml"


def test_every_data_set_has_a_manifest_that_is_packaged(config: configparser.ConfigParser) -> None:
    patterns = config["options.package_data"]["fstmuse_data_manifests"].split(", ")
    carried = {file.name for pattern in patterns for file in (REPOSITORY / "data_manifests").glob(pattern)}
    assert {dataset.manifest for dataset in DATASETS.values() if dataset.manifest} <= carried


def test_what_is_imported_is_required(config: configparser.ConfigParser) -> None:
    required = {line.split(">")[0].split("=")[0].lower() for line in lines(config["options"]["install_requires"])}
    given = importlib.metadata.packages_distributions()
    imported = set()
    for file in (REPOSITORY / "fstmuse").rglob("*.py"):
        for line in file.read_text("utf-8").splitlines():
            words = line.split()
            if len(words) > 1 and words[0] in ("import", "from") and words[1][0].isalpha():
                imported.add(words[1].split(".")[0].rstrip(","))
    optional = {"onnx", "onnxruntime", "optuna"}  # asked for by export and train --search, which name what is missing
    ours = {"fstmuse", "fstmuse_data_manifests"}
    for name in imported - ours - optional:
        packages = {package.lower() for package in given.get(name, [])}
        assert not packages or packages & required, f"{name} is imported; setup.cfg does not require it"


def test_settings_of_tools_are_readable() -> None:
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    assert set(settings) == {"build-system", "tool"}
