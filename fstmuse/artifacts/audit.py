"""Refuses SavedModels whose graphs do more than compute.

A SavedModel is a program. Any may carry the operations that save and restore its own
variables; those are run by the loader and are allowed outside of what is served. Whatever
else touches files, the network or Python has no place in a music network.
"""

from __future__ import annotations

from pathlib import Path

from fstmuse.errors import ArtifactError

_SAVER_OPS = {"SaveV2", "RestoreV2", "MergeV2Checkpoints", "ShardedFilename", "Save", "Restore", "SaveSlices"}
_FORBIDDEN = {
    *("ReadFile", "WriteFile", "MatchingFiles", "PrintV2", "Print", "ReaderReadV2", "ReaderReadUpToV2"),
    *("WholeFileReaderV2", "TextLineReaderV2", "FixedLengthRecordReaderV2", "TFRecordReaderV2", "LMDBReader"),
    *("TextLineDataset", "TFRecordDataset", "TFRecordDatasetV2", "FixedLengthRecordDatasetV2", "SaveDatasetV2"),
    *("LoadDataset", "SnapshotDatasetV2", "CSVDataset", "SqlDataset", "DatasetToTFRecord", "CacheDatasetV2"),
    *("PyFunc", "EagerPyFunc", "PyFuncStateless", "GeneratorDataset", "DebugIdentity", "DebugIdentityV2"),
    *("WriteAudioSummary", "WriteScalarSummary", "WriteSummary", "CreateSummaryFileWriter", "CreateSummaryDbWriter"),
    *("InitializeTableFromTextFileV2", "InitializeTableFromTextFile", "RpcCall", "RpcClient", "RpcServer"),
    *("ImmutableConst", "LoadAndRemapMatrix", "CheckpointHasTensor", "GenerateVocabRemapping"),
}


def audit_saved_model(folder: Path) -> None:
    """Looks at every operation of a SavedModel without loading it.

    Raises:
        ArtifactError: the file cannot be parsed, or holds a forbidden operation.
    """
    from tensorflow.core.protobuf import saved_model_pb2

    file = folder / "saved_model.pb"
    model = saved_model_pb2.SavedModel()
    try:
        model.ParseFromString(file.read_bytes())
    except Exception as error:  # protobuf's DecodeError differs by implementation
        raise ArtifactError(f"{file} cannot be read: {error}. Train or copy the artifact again.") from None
    for graph in model.meta_graphs:
        library = {function.signature.name: function for function in graph.graph_def.library.function}
        saver_nodes = list(graph.graph_def.node)
        served = _reachable(graph, library)
        for name, function in library.items():
            _refuse(file, function.node_def, _FORBIDDEN | _SAVER_OPS if name in served else _FORBIDDEN)
        _refuse(file, saver_nodes, _FORBIDDEN)


def _reachable(graph, library) -> set[str]:
    """Names of the functions that a signature can call, saver signatures aside."""
    roots = []
    names = {
        tensor.name.split(":")[0]
        for key, signature in graph.signature_def.items()
        if not key.startswith("__saved")
        for tensor in signature.outputs.values()
    }
    for node in graph.graph_def.node:
        if node.name in names:
            roots += _called(node)
    seen: set[str] = set()
    while roots:
        name = roots.pop()
        if name in seen or name not in library:
            continue
        seen.add(name)
        for node in library[name].node_def:
            roots += _called(node)
    return seen


def _called(node) -> list[str]:
    called = []
    for value in node.attr.values():
        if value.HasField("func"):
            called.append(value.func.name)
        called += [function.name for function in value.list.func]
    return called


def _refuse(file: Path, nodes, forbidden: set[str]) -> None:
    for node in nodes:
        if node.op in forbidden:
            raise ArtifactError(
                f"{file}: its graph holds the operation {node.op}, which touches files or runs Python. "
                "A music network needs none of that: do not use this artifact."
            )
