"""The audit lets through what networks compute with, and nothing that touches files, in whatever place it hides."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import keras
import pytest
import tensorflow as tf
from keras.src.applications import efficientnet
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow.python.framework import op_def_registry

from fstmuse.artifacts.audit import audit_saved_model
from fstmuse.artifacts.card import Card
from fstmuse.artifacts.operations import COMPUTES, RESTORES, SAVES
from fstmuse.artifacts.save import export_saved_model
from fstmuse.errors import ArtifactError
from fstmuse.networks.build import BUILDERS, FILLERS, build_filler, build_predictor, build_vocoder
from fstmuse.networks.catalogue import CATALOGUE
from fstmuse.networks.continuers import continuer
from fstmuse.networks.variational import OBJECTIVES
from fstmuse.spec import AudioSpec, MelSpec, input_shape

WAVEFORM = tf.TensorSpec((None, None), tf.float32, name="waveform")


def export_catalogue_network(name: str, folder: Path) -> None:
    entry = CATALOGUE[name]
    audio, mel = entry.audio, entry.mel
    # The report's networks grow with the picture, their operations do not.
    if mel and mel.max_frames:
        audio, mel = dataclasses.replace(audio, seconds=1.5), dataclasses.replace(mel, max_frames=64)
    if entry.bound:
        audio = dataclasses.replace(audio, seconds=43 * mel.hop_length / mel.sample_rate)
    if name in BUILDERS:
        network, labels = BUILDERS[name](input_shape(audio, mel), 3), ("A", "B", "C")
    elif entry.bound:
        network, labels = FILLERS[name]((mel.frames(audio.samples), mel.n_mels), OBJECTIVES["elbo"]), ()
    else:
        makers = {"infill": build_filler, "vocode": build_vocoder}
        network, labels = makers.get(entry.task, lambda name: continuer(build_predictor(name)))(name), ()
    export_saved_model(network, Card(name, name, entry.task, labels, audio, mel, audio.seconds), folder)


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports") / "pooled"
    export_catalogue_network("toymodel-pooled", folder)
    return folder


@pytest.fixture
def copy(export: Path, tmp_path: Path) -> Path:
    """The graph of an export to spoil."""
    (tmp_path / "spoilt").mkdir()
    (tmp_path / "spoilt" / "saved_model.pb").write_bytes((export / "saved_model.pb").read_bytes())
    return tmp_path / "spoilt"


def refusal(folder: Path) -> str:
    with pytest.raises(ArtifactError) as caught:
        audit_saved_model(folder)
    assert str(caught.value).startswith(str(folder)) and "do not use this artifact" in str(caught.value)
    return str(caught.value)


LIKE_OTHERS = {"shortchunk-tag", "dieleman-mel", "dieleman-report"}  # in the operations that they compute with


# Those of GANs: tests/artifacts/test_creator_artifact.py.
@pytest.mark.parametrize("name", [n for n, e in CATALOGUE.items() if e.task != "generate" and n not in LIKE_OTHERS])
def test_exports_of_the_catalogue_pass(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # All sixteen blocks compute with the operations of the first three, and take half a minute to export.
    monkeypatch.setattr(efficientnet, "DEFAULT_BLOCKS_ARGS", efficientnet.DEFAULT_BLOCKS_ARGS[:2])
    export_catalogue_network(name, tmp_path / "export")
    audit_saved_model(tmp_path / "export")


def test_networks_of_other_kinds_pass(tmp_path: Path) -> None:
    """Recurrent, attending, up-sampling and sampling layers: what taggers and autoencoders are made of."""
    layers = keras.layers
    picture = keras.Input((16, 24))
    sequence = layers.Bidirectional(layers.GRU(8, return_sequences=True))(picture)
    sequence = layers.LayerNormalization()(layers.LSTM(8, return_sequences=True)(sequence))
    sequence = layers.MultiHeadAttention(2, 4)(sequence, sequence)
    image = layers.Reshape((16, 8, 1))(layers.Activation("gelu")(sequence))
    image = layers.Conv2DTranspose(4, 3, strides=2, padding="same", activation="elu")(image)
    image = layers.UpSampling2D(interpolation="bilinear")(
        layers.SeparableConv2D(4, 3)(layers.GroupNormalization(2)(image))
    )
    flat = layers.GlobalMaxPooling2D()(layers.LeakyReLU()(image))

    class Sample(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.seeds = keras.random.SeedGenerator(1)

        def call(self, x):
            return x + keras.random.normal(keras.ops.shape(x), seed=self.seeds)

    network = keras.Model(picture, layers.Dense(3, activation="sigmoid")(Sample()(flat)))
    audio, mel = AudioSpec(8000, 0.512), MelSpec(8000, 512, 256, 24, 0.0, 4000.0)
    export_saved_model(network, Card("a", "b", "classify", ("A", "B", "C"), audio, mel, 0.5), tmp_path / "export")
    audit_saved_model(tmp_path / "export")


def test_the_list_holds_operations_that_exist_and_no_state_but_variables() -> None:
    definitions = {name: op_def_registry.get(name) for name in COMPUTES | SAVES | RESTORES}
    assert [name for name, definition in definitions.items() if definition is None] == []
    stateful = {name for name in COMPUTES if definitions[name].is_stateful and not name.startswith("TensorArray")}
    assert stateful == {
        *("Assert", "Case", "CheckNumerics", "If", "StatefulPartitionedCall", "While", "StatelessRandomGetAlg"),
        *("AssignAddVariableOp", "AssignSubVariableOp", "AssignVariableOp", "DisableCopyOnRead", "ReadVariableOp"),
        *("ResourceGather", "ResourceGatherNd", "VarHandleOp", "VarIsInitializedOp", "VariableShape"),
        *("CudnnRNN", "CudnnRNNV2", "CudnnRNNV3"),
    }
    harmful = ("File", "Dataset", "PyFunc", "Print", "Debug", "Summary", "Table", "Read", "Save", "Restore", "Merge")
    assert {name for name in COMPUTES if any(word in name for word in harmful)} == {
        *("ReadVariableOp", "DisableCopyOnRead", "TensorArrayReadV3"),
    }


def _reads_by_a_data_set(waveform: tf.Tensor, target: Path) -> dict[str, tf.Tensor]:
    rows = tf.raw_ops.CSVDatasetV2(
        filenames=[str(target)],
        compression_type="",
        buffer_size=1024,
        header=False,
        field_delim="\x01",
        use_quote_delim=False,
        na_value="",
        select_cols=tf.constant([], tf.int64),
        record_defaults=[tf.constant([""])],
        exclude_cols=tf.constant([], tf.int64),
        output_shapes=[tf.TensorShape([])],
    )
    shapes = {"output_types": [tf.string], "output_shapes": [tf.TensorShape([])]}
    return {"probabilities": waveform, "leak": tf.raw_ops.DatasetToSingleElement(dataset=rows, **shapes)[0][None]}


def _lists_files(waveform: tf.Tensor, target: Path) -> dict[str, tf.Tensor]:
    found = tf.raw_ops.MatchingFilesDataset(patterns=[str(target)])
    shapes = {"output_types": [tf.string], "output_shapes": [tf.TensorShape([])]}
    return {"probabilities": waveform, "leak": tf.raw_ops.DatasetToSingleElement(dataset=found, **shapes)[0][None]}


def _saves_beside_the_answer(waveform: tf.Tensor, target: Path) -> dict[str, tf.Tensor]:
    save = tf.raw_ops.SaveV2(prefix=str(target), tensor_names=["a"], shape_and_slices=[""], tensors=[waveform])
    with tf.control_dependencies([save]):
        return {"probabilities": waveform * 2.0}


def _maps_a_file(waveform: tf.Tensor, target: Path) -> dict[str, tf.Tensor]:
    return {"probabilities": tf.raw_ops.ImmutableConst(dtype=tf.float32, shape=[1], memory_region_name=str(target))}


SERVED: dict[str, tuple[Callable, str]] = {
    "reads by a data set": (_reads_by_a_data_set, "CSVDatasetV2"),
    "lists files": (_lists_files, "MatchingFilesDataset"),
    "saves beside the answer": (_saves_beside_the_answer, "SaveV2"),
    "maps a file": (_maps_a_file, "ImmutableConst"),
    "writes": (lambda x, target: (tf.io.write_file(str(target), "x"), {"y": x})[1], "WriteFile"),
    "calls Python": (lambda x, target: {"y": tf.numpy_function(abs, [x], tf.float32)}, "PyFunc"),
    "prints": (lambda x, target: (tf.print(x), {"y": x})[1], "PrintV2|StringFormat"),
    "keeps a table": (lambda x, target: {"y": tf.raw_ops.LookupTableSizeV2(table_handle=_table())}, "HashTableV2"),
}


def _table() -> tf.Tensor:
    return tf.raw_ops.HashTableV2(key_dtype=tf.string, value_dtype=tf.int64)


@pytest.mark.parametrize("case", SERVED)
def test_what_is_served_may_only_compute(case: str, tmp_path: Path) -> None:
    trick, operations = SERVED[case]
    module = tf.Module()
    module.serve = tf.function(lambda waveform: trick(waveform, tmp_path / "target"), input_signature=[WAVEFORM])
    tf.saved_model.save(module, str(tmp_path / "model"), signatures={"serve": module.serve})
    message = refusal(tmp_path / "model")
    assert any(f"holds the operation {operation}," in message for operation in operations.split("|")), message


def test_a_first_version_model_that_saves_when_loaded(tmp_path: Path) -> None:
    """Its main operation is no function, and runs on `tf.saved_model.load`."""
    v1, target = tf.compat.v1, tmp_path / "target"
    with tf.Graph().as_default(), v1.Session() as session:
        waveform = v1.placeholder(tf.float32, (None, None), name="waveform")
        signature = v1.saved_model.predict_signature_def({"waveform": waveform}, {"probabilities": waveform * 2.0})
        save = tf.raw_ops.SaveV2(prefix=str(target), tensor_names=["a"], shape_and_slices=[""], tensors=[tf.ones(1)])
        builder = v1.saved_model.Builder(str(tmp_path / "model"))
        builder.add_meta_graph_and_variables(session, ["serve"], {"serve": signature}, main_op=save)
        builder.save()
    assert "holds the operation SaveV2," in refusal(tmp_path / "model")
    tf.saved_model.load(str(tmp_path / "model"))
    assert list(tmp_path.glob("target*"))  # the danger is real


def _serving_node(graph):
    name = graph.signature_def["serve"].outputs["probabilities"].name.split(":")[0]
    return next(node for node in graph.graph_def.node if node.name == name)


def _saver_function(graph, of: str):
    node = next(node for node in graph.graph_def.node if node.name == of.split(":")[0])
    name = node.attr["f"].func.name
    return next(function for function in graph.graph_def.library.function if function.signature.name == name)


def _wait_for_saver(graph) -> None:
    _serving_node(graph).input.append("^" + graph.saver_def.save_tensor_name.split(":")[0])


def _call_saver(graph) -> None:
    _serving_node(graph).attr["f"].func.name = _saver_function(graph, graph.saver_def.save_tensor_name).signature.name


def _answer_by_saver(graph) -> None:
    graph.signature_def["serve"].outputs["probabilities"].name = graph.saver_def.save_tensor_name


def _initialise_by_saver(graph) -> None:
    graph.collection_def["saved_model_main_op"].node_list.value[:] = [graph.saver_def.save_tensor_name]


def _initialise_by_call(graph) -> None:
    graph.signature_def["__saved_model_init_op"].outputs["__saved_model_init_op"].name = _serving_node(graph).name


def _initialise_by_function_of_an_object(graph) -> None:
    name = _saver_function(graph, graph.saver_def.save_tensor_name).signature.name
    graph.object_graph_def.concrete_functions[name].bound_inputs.append(1)


def _save_while_restoring(graph) -> None:
    _saver_function(graph, graph.saver_def.restore_op_name).node_def.add(name="more", op="SaveV2")


def _restore_from_elsewhere(graph) -> None:
    function = _saver_function(graph, graph.saver_def.restore_op_name)
    next(node for node in function.node_def if node.op == "RestoreV2").input[0] = "RestoreV2/tensor_names:output:0"


def _swap_by_optimiser(graph) -> None:
    _saver_function(graph, graph.saver_def.save_tensor_name).attr["api_implements"].s = b"serve"


def _save_at_the_top(graph) -> None:
    graph.graph_def.node.add(name="more", op="SaveV2")
    graph.saver_def.save_tensor_name = "more:0"


SPOILT: dict[str, tuple[Callable, str]] = {
    "waits for the saver": (_wait_for_saver, "calls the operation that saves"),
    "calls the saver's function": (_call_saver, "calls the operation that saves"),
    "answers by the saver": (_answer_by_saver, "calls the operation that saves"),
    "an object calls the saver": (_initialise_by_function_of_an_object, "calls the operation that saves"),
    "the optimiser calls the saver": (_swap_by_optimiser, "calls the operation that saves"),
    "initialises by the saver": (_initialise_by_saver, "runs the operation StatefulPartitionedCall when it is loaded"),
    "initialises by a call": (_initialise_by_call, "runs the operation StatefulPartitionedCall when it is loaded"),
    "saves while restoring": (_save_while_restoring, "holds the operation SaveV2,"),
    "restores another file": (_restore_from_elsewhere, "from a file of its own choice"),
    "saves at the top": (_save_at_the_top, "its saver is the operation SaveV2; expected the call of a function"),
    "another collection": (lambda graph: graph.collection_def["init"].node_list.value.append("a"), "collection init"),
    "another tag": (lambda graph: graph.meta_info_def.tags.append("gpu"), "tags [['gpu', 'serve']]; expected one"),
    "two of one name": (
        lambda graph: graph.graph_def.library.function.add().signature.MergeFrom(
            graph.graph_def.library.function[0].signature
        ),
        "two operations or functions of one name",
    ),
}


@pytest.mark.parametrize("case", SPOILT)
def test_the_saver_is_the_loaders_alone(case: str, copy: Path) -> None:
    audit_saved_model(copy)
    spoil, message = SPOILT[case]
    model = saved_model_pb2.SavedModel()
    model.ParseFromString((copy / "saved_model.pb").read_bytes())
    spoil(model.meta_graphs[0])
    (copy / "saved_model.pb").write_bytes(model.SerializeToString())
    assert message in refusal(copy)


def test_two_graphs_are_refused(copy: Path) -> None:
    model = saved_model_pb2.SavedModel()
    model.ParseFromString((copy / "saved_model.pb").read_bytes())
    model.meta_graphs.add().meta_info_def.tags.append("train")
    (copy / "saved_model.pb").write_bytes(model.SerializeToString())
    assert "tags [['serve'], ['train']]; expected one" in refusal(copy)


@pytest.mark.parametrize("name", ["saved_model.cpb", "saved_model.pbtxt", "assets/words.txt"])
def test_files_beside_the_audited_one_are_refused(name: str, copy: Path) -> None:
    (copy / name).parent.mkdir(exist_ok=True)
    (copy / name).write_bytes(b"")
    assert f"it holds {name}, which no network needs" in refusal(copy)
