"""Refuses SavedModels whose graphs do more than compute.

A SavedModel is a program, and TensorFlow runs it: what is served on each question, what
initialises when it is loaded, what restores its variables. Only operations of
`fstmuse.artifacts.operations` may stand in any of it. The two functions that save and
restore variables need a few that touch files; they may be called by the loader alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from fstmuse.artifacts.operations import COMPUTES, RESTORES, SAVES
from fstmuse.errors import ArtifactError

_INIT_SIGNATURE = "__saved_model_init_op"
_INIT_COLLECTION = "saved_model_main_op"
_FILES = ("saved_model.pb", "fingerprint.pb", "variables/variables.")


def audit_saved_model(folder: Path) -> None:
    """Looks at every operation of a SavedModel without loading it.

    Args:
        folder: with `saved_model.pb`, as Keras and TensorFlow 2 write it.

    Raises:
        ArtifactError: the file cannot be parsed, holds an operation that is not on the list,
            does something when it is loaded, or has files that no network needs.
    """
    from tensorflow.core.protobuf import saved_model_pb2

    file = folder / "saved_model.pb"
    model = saved_model_pb2.SavedModel()
    try:
        model.ParseFromString(file.read_bytes())
    except Exception as error:  # protobuf's DecodeError differs by implementation
        raise ArtifactError(f"{file} cannot be read: {error}. Train or copy the artifact again.") from None
    _audit_files(folder)
    tags = [sorted(graph.meta_info_def.tags) for graph in model.meta_graphs]
    if tags != [["serve"]]:
        raise _unsafe(file, f"it holds graphs with the tags {tags}; expected one, with the tag serve")
    _Audit(file, model.meta_graphs[0]).run()


def _audit_files(folder: Path) -> None:
    """Nothing but what was audited: TensorFlow prefers a `saved_model.cpb` to the file that was read here."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())
    extra = [name for name in names if name not in _FILES[:2] and not name.startswith(_FILES[2])]
    if extra:
        raise _unsafe(folder, f"it holds {extra[0]}, which no network needs")


class _Audit:
    """One graph, and what its saver is."""

    def __init__(self, file: Path, graph) -> None:
        self.file, self.graph = file, graph
        self.nodes = {node.name: node for node in graph.graph_def.node}
        self.functions = {function.signature.name: function for function in graph.graph_def.library.function}
        saver = graph.saver_def
        # By node of the graph: the function that it calls, and what may stand there.
        self.savers = {
            node: (self._saver(node), allowed)
            for node, allowed in ((_node_of(saver.save_tensor_name), SAVES), (saver.restore_op_name, RESTORES))
            if node
        }

    def run(self) -> None:
        library = self.graph.graph_def.library.function
        if len(self.nodes) < len(self.graph.graph_def.node) or len(self.functions) < len(library):
            raise _unsafe(self.file, "it holds two operations or functions of one name")
        saving = dict(self.savers.values())
        for name, function in self.functions.items():
            self._refuse(function.node_def, saving.get(name, COMPUTES))
            if saving.get(name) is RESTORES:
                self._restores_what_it_is_given(function)
        self._refuse(self.nodes.values(), COMPUTES)
        self._none_else_saves(set(saving))
        self._loads_quietly()

    def _saver(self, name: str) -> str:
        node = self.nodes.get(name)
        if node is None:
            raise _unsafe(self.file, f"its saver names {name!r}, which it does not hold")
        called = _called(node)
        if node.op not in ("StatefulPartitionedCall", "PartitionedCall") or len(called) != 1:
            raise _unsafe(self.file, f"its saver is the operation {node.op}; expected the call of a function")
        return called[0]

    def _refuse(self, nodes: Iterable, allowed: frozenset[str]) -> None:
        for node in nodes:
            if node.op not in allowed:
                raise _unsafe(self.file, f"its graph holds the operation {node.op}, which no network needs here")

    def _restores_what_it_is_given(self, function) -> None:
        given = function.signature.input_arg[0].name if function.signature.input_arg else ""
        for node in function.node_def:
            if node.op == "RestoreV2" and node.input[0] != given:
                raise _unsafe(self.file, "it restores variables from a file of its own choice")

    def _none_else_saves(self, saving: set[str]) -> None:
        """The saver's functions are called by its two nodes alone, and nothing waits for these."""
        others = [node for name, node in self.nodes.items() if name not in self.savers]
        others += [node for function in self.functions.values() for node in function.node_def]
        names = {name for node in others for name in _called(node)}
        names |= set(self.graph.object_graph_def.concrete_functions)
        library = self.graph.graph_def.library
        names |= {gradient.gradient_func for gradient in (*library.gradient, *library.registered_gradients)}
        # TensorFlow's optimiser may call one function in place of another that bears the same mark.
        names |= {name for name in saving if name in self.functions and "api_implements" in self.functions[name].attr}
        waited = {_node_of(entry) for node in self.nodes.values() for entry in node.input}
        for signature in self.graph.signature_def.values():
            waited |= {_node_of(tensor.name) for tensor in (*signature.inputs.values(), *signature.outputs.values())}
        if names & saving or waited & set(self.savers):
            raise _unsafe(self.file, "what it serves or loads calls the operation that saves or restores variables")
        if waited - set(self.nodes):
            raise _unsafe(self.file, f"it names {min(waited - set(self.nodes))!r}, which it does not hold")

    def _loads_quietly(self) -> None:
        """What runs on loading does nothing: variables are restored, there is nothing to initialise."""
        collections = self.graph.collection_def
        run = [value for collection in collections.values() for value in collection.node_list.value]
        for key, signature in self.graph.signature_def.items():
            if key == _INIT_SIGNATURE:
                run += [tensor.name for tensor in signature.outputs.values()]
            elif key.startswith("__saved"):
                raise _unsafe(self.file, f"it has the signature {key}, which no network needs")
        if set(collections) - {_INIT_COLLECTION}:
            raise _unsafe(self.file, f"it has the collection {min(set(collections) - {_INIT_COLLECTION})}")
        for name in run:
            node = self.nodes.get(_node_of(name))
            if node is None or node.op != "NoOp" or node.input:
                doing = f"the operation {node.op}" if node is not None else repr(name)
                raise _unsafe(self.file, f"it runs {doing} when it is loaded; expected nothing")


def _node_of(tensor: str) -> str:
    """`name` from `name:0` or `^name`."""
    return tensor.removeprefix("^").split(":")[0]


def _called(node) -> list[str]:
    called = []
    for value in node.attr.values():
        if value.HasField("func"):
            called.append(value.func.name)
        called += [function.name for function in value.list.func]
    return called


def _unsafe(file: Path, what: str) -> ArtifactError:
    return ArtifactError(
        f"{file}: {what}. Networks that FstMuse exports only compute: do not use this artifact, or train it again."
    )
