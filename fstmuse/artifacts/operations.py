"""The operations that a SavedModel of FstMuse may hold: the one list that the audit goes by.

Whatever is not named here is refused. TensorFlow has some 1,500 operations, new ones each
release; dozens read, write, list or delete files, talk to a network, call Python or print, and
TensorFlow's own mark of side effects does not tell them apart (ReadFile bears none). A list of
what is forbidden is never complete; this one errs on the side of refusing.

To let a network of a new kind through, add the operation that the refusal names, if its
outputs follow from its inputs and the model's own variables alone.
"""

from __future__ import annotations

_FLOW = """
    Assert Case Const ControlTrigger EnsureShape FakeParam Identity IdentityN If NoOp PartitionedCall Placeholder
    PlaceholderWithDefault PreventGradient StatefulPartitionedCall StatelessCase StatelessIf StatelessWhile
    StopGradient While
"""  # the functions that they call are in the same file and audited like everything else

_VARIABLES = """
    AssignAddVariableOp AssignSubVariableOp AssignVariableOp DisableCopyOnRead ReadVariableOp ResourceGather
    ResourceGatherNd VarHandleOp VarIsInitializedOp VariableShape
"""  # they reach the model's own variables in memory; seeds of random layers are counted on by assigning

_LISTS = """
    EmptyTensorList TensorArrayCloseV3 TensorArrayConcatV3 TensorArrayGatherV3 TensorArrayReadV3
    TensorArrayScatterV3 TensorArraySizeV3 TensorArraySplitV3 TensorArrayV3 TensorArrayWriteV3 TensorListConcatV2
    TensorListElementShape TensorListFromTensor TensorListGather TensorListGetItem TensorListLength
    TensorListPopBack TensorListPushBack TensorListReserve TensorListResize TensorListScatterV2 TensorListSetItem
    TensorListStack
"""  # loops and recurrent layers gather their steps in them

_ARRAYS = """
    BatchToSpaceND Bitcast BroadcastArgs BroadcastTo Cast ConcatOffset ConcatV2 ConjugateTranspose DepthToSpace
    DynamicPartition DynamicStitch ExpandDims ExtractImagePatches Fill GatherNd GatherV2 InvertPermutation
    LinSpace MatrixBandPart MatrixDiagPartV3 MatrixDiagV3 MatrixSetDiagV3 MirrorPad OneHot OnesLike Pack Pad PadV2
    Range Rank Reshape ReverseSequence ReverseV2 Roll ScatterNd Select SelectV2 Shape ShapeN Size Slice
    SpaceToBatchND SpaceToDepth Split SplitV Squeeze StridedSlice TensorScatterAdd TensorScatterMax
    TensorScatterMin TensorScatterSub TensorScatterUpdate TensorStridedSliceUpdate Tile Transpose UniqueV2 Unpack
    Where ZerosLike
"""

_MATHS = """
    Abs Acos Acosh Add AddN AddV2 All Angle Any ApproximateEqual ArgMax ArgMin Asin Asinh Atan Atan2 Atanh
    BatchMatMul BatchMatMulV2 BatchMatMulV3 BitwiseAnd BitwiseOr BitwiseXor Bucketize Ceil CheckNumerics
    ClipByValue Complex ComplexAbs Conj Cos Cosh Cross Cumprod Cumsum CumulativeLogsumexp DenseBincount Digamma Div
    DivNoNan Einsum Equal Erf Erfc Erfinv EuclideanNorm Exp Expm1 Floor FloorDiv FloorMod Greater GreaterEqual
    Imag Inv IsFinite IsInf IsNan L2Loss LeftShift Less LessEqual Lgamma Log Log1p LogicalAnd LogicalNot LogicalOr
    MatMul Max Maximum Mean Min Minimum Mod Mul MulNoNan Neg NotEqual NthElement Pow Prod Real RealDiv Reciprocal
    RightShift Rint Round Rsqrt SegmentMax SegmentMean SegmentMin SegmentProd SegmentSum Sigmoid Sign Sin Sinh
    Sqrt Square SquaredDifference Sub Sum Tan Tanh TopKV2 TruncateDiv TruncateMod UnsortedSegmentMax
    UnsortedSegmentMin UnsortedSegmentProd UnsortedSegmentSum Xdivy Xlog1py Xlogy
"""

_ALGEBRA = """
    Cholesky Lu MatrixDeterminant MatrixInverse MatrixSolve MatrixSolveLs MatrixTriangularSolve Qr SelfAdjointEigV2
    Svd
"""

_SIGNALS = """
    FFT FFT2D FFT3D FFTND IFFT IFFT2D IFFT3D IFFTND IRFFT IRFFT2D IRFFT3D IRFFTND RFFT RFFT2D RFFT3D RFFTND
"""

_NETWORKS = """
    AvgPool AvgPool3D BiasAdd Conv Conv2D Conv2DBackpropInput Conv3D Conv3DBackpropInputV2 CropAndResize CudnnRNN
    CudnnRNNCanonicalToParamsV2 CudnnRNNV2 CudnnRNNV3 DepthwiseConv2dNative Dilation2D Elu FakeQuantWithMinMaxArgs
    FakeQuantWithMinMaxVars FakeQuantWithMinMaxVarsPerChannel FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3
    InTopKV2 LRN LeakyRelu LogSoftmax MaxPool MaxPool3D MaxPoolV2 MaxPoolWithArgmax QuantizeAndDequantizeV2 Relu
    Relu6 ResizeArea ResizeBicubic ResizeBilinear ResizeNearestNeighbor Selu Softmax Softplus Softsign
    SparseSoftmaxCrossEntropyWithLogits SoftmaxCrossEntropyWithLogits
"""

_RANDOM = """
    StatelessMultinomial StatelessParameterizedTruncatedNormal StatelessRandomBinomial StatelessRandomGammaV2
    StatelessRandomGammaV3 StatelessRandomGetAlg StatelessRandomGetKeyCounter StatelessRandomNormal
    StatelessRandomNormalV2 StatelessRandomPoisson StatelessRandomUniform StatelessRandomUniformFullInt
    StatelessRandomUniformFullIntV2 StatelessRandomUniformInt StatelessRandomUniformIntV2 StatelessRandomUniformV2
    StatelessShuffle StatelessTruncatedNormal StatelessTruncatedNormalV2
"""  # from seeds that are inputs; generators that keep a state of their own are not among them

_SAVES = """
    Const DisableCopyOnRead Identity MergeV2Checkpoints NoOp Pack ReadVariableOp SaveV2 Select ShardedFilename
    StaticRegexFullMatch StringJoin
"""

_RESTORES = """
    AssignVariableOp Const Identity NoOp RestoreV2
"""

COMPUTES = frozenset(
    " ".join((_FLOW, _VARIABLES, _LISTS, _ARRAYS, _MATHS, _ALGEBRA, _SIGNALS, _NETWORKS, _RANDOM)).split()
)
"""What may stand anywhere in the graph."""

SAVES = frozenset(_SAVES.split())
"""What may stand in the function that saves the variables. Loading and serving never call it."""

RESTORES = frozenset(_RESTORES.split())
"""What may stand in the function that restores the variables, from the file that the loader names."""
