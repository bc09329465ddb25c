"""Settings: defaults < preset < file < flags; wrong ones are refused with a way out."""

from __future__ import annotations

import dataclasses

import pytest

from fstmuse.errors import ConfigError
from fstmuse.networks.catalogue import CATALOGUE
from fstmuse.training.config import TrainConfig, meanings, parse_setting, read_toml, resolve, to_toml


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_network_has_a_preset_that_resolves(name: str) -> None:
    assert resolve(name, {}).network == name


def test_file_wins_over_preset_and_flags_over_file(tmp_path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("epochs = 3\nbatch_size = 5\n")
    config = resolve("shortchunk", {"epochs": 2}, file)
    assert (config.epochs, config.batch_size) == (2, 5)
    assert config.mixup == resolve("shortchunk", {}).mixup > 0


def test_toml_of_a_configuration_reads_back_the_same(tmp_path) -> None:
    config = resolve("toymodel-pooled", {"labels": ["Folk", 'Rösti "quoted"'], "root": "/tmp/a b", "mixup": 0.0})
    file = tmp_path / "config.toml"
    file.write_text(to_toml(config), "utf-8")
    assert TrainConfig(**(read_toml(file) | {"labels": config.labels})) == config


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epoch": 3}, "Unknown setting 'epoch' in the command line. Did you mean 'epochs'?"),
        ({"epochs": 0}, "Setting 'epochs': received 0; expected 1 to 100,000"),
        ({"epochs": "many"}, "Setting 'epochs' in the command line: received 'many'; expected a whole number"),
        ({"epochs": True}, "received True; expected a whole number"),
        ({"mixed_precision": 1}, "received 1; expected true or false"),
        ({"schedule": "cosin"}, "expected one of cosine, constant"),
        ({"optimizer": "mun"}, "expected one of adam, muon"),
        ({"label_smoothing": 1.5}, "expected 0 to 0.9"),
        ({"learning_rate": -1}, "expected 1e-09 to 10"),
        ({"distribute": "cluster"}, "expected one of none, mirrored"),
        ({"labels": "Folk"}, "expected a list of texts"),
        ({"labels": ["Folk", "Folk"]}, "expected each label once"),
        ({"learning_rate": float("inf")}, "received inf"),
        ({"clip_seconds": float("nan")}, "received nan"),
        ({"seed": 2**32}, "expected 0 to 2,147,483,647"),
        ({"freq_mask": 65}, "at most the picture's 64 bands"),
        ({"network": "shortchunk"}, "Received settings of the network 'shortchunk' for 'toymodel-pooled'"),
    ],
)
def test_wrong_settings_teach(settings: dict, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        resolve("toymodel-pooled", settings)
    assert message in str(caught.value)


def test_settings_of_the_command_line_are_typed() -> None:
    assert parse_setting("epochs=3") == {"epochs": 3}
    assert parse_setting("learning-rate=0.1") == {"learning_rate": 0.1}
    assert parse_setting("schedule=constant") == {"schedule": "constant"}
    assert parse_setting('labels=["a", "b"]') == {"labels": ["a", "b"]}
    assert parse_setting("jit_compile=true") == {"jit_compile": True}
    with pytest.raises(ConfigError, match="expected KEY=VALUE"):
        parse_setting("epochs")


def test_unreadable_files_teach(tmp_path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml"):
        resolve("toymodel", {}, tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("epochs = = 3")
    with pytest.raises(ConfigError, match="not valid TOML"):
        resolve("toymodel", {}, tmp_path / "bad.toml")


def test_every_setting_has_a_meaning() -> None:
    assert set(meanings()) == {field.name for field in dataclasses.fields(TrainConfig)}
    assert all(len(meaning) > 10 for meaning in meanings().values())


def test_a_configuration_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        TrainConfig().epochs = 3
