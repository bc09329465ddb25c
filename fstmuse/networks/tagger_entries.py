"""The catalogue's networks that tag: several labels a clip, or none."""

from __future__ import annotations

from fstmuse.networks.entry import Entry
from fstmuse.spec import AudioSpec, MelSpec

SHORTCHUNK_AUDIO = AudioSpec(16000, 59049 / 16000)
SHORTCHUNK_MEL = MelSpec(16000, 512, 256, 128, 0.0, 8000.0)
SHORTCHUNK_SOURCE = "Short-chunk CNN with residuals (Won, Ferraro, Bogdanov and Serra, 2020, arXiv:2006.00751)"
"""What the network has in common as a classifier and as a tagger."""

_LEE_AUDIO = AudioSpec(22050, 59049 / 22050)
_DIELEMAN_AUDIO = AudioSpec(16000, 3.0)
_DIELEMAN = "Dieleman and Schrauwen, End-to-end learning for music audio (2014)"
_REPORT = "report on raw-audio tagging"
_REPORT_AUDIO = AudioSpec(12000, 34950 / 12000)
"""One sub-clip. The report trains on the mean over ten of them; here each window is judged, and means are told."""


def _entry(
    name: str, audio: AudioSpec, mel: MelSpec | None, trainable: int, moving: int, source: str, summary: str
) -> Entry:
    return Entry(
        name=name,
        task="tag",
        audio=audio,
        mel=mel,
        counted_outputs=50,
        parameters=trainable + moving,
        trainable=trainable,
        source=source,
        summary=summary,
    )


TAGGER_ENTRIES = (
    _entry(
        "samplecnn",
        _LEE_AUDIO,
        None,
        1_869_874,
        5_888,
        "SampleCNN 3^9 (Lee, Park, Kim and Nam, 2017, arXiv:1703.01789)",
        "tags raw sound: ten convolutions of three samples each, one behind the other",
    ),
    _entry(
        "rese2-multi",
        _LEE_AUDIO,
        None,
        26_980_146,
        13_056,
        "ReSE-2-multi (Kim, Lee and Nam, 2018, arXiv:1710.10451)",
        "samplecnn with residual and squeeze-and-excitation blocks, heard at three levels",
    ),
    _entry(
        "dieleman",
        _DIELEMAN_AUDIO,
        None,
        107_870,
        0,
        _DIELEMAN,
        "tags raw sound: 128 filters of 256 samples in place of a mel spectrogram",
    ),
    _entry(
        "dieleman-mel",
        _DIELEMAN_AUDIO,
        SHORTCHUNK_MEL,
        74_974,
        256,
        _DIELEMAN,
        "dieleman on log-mels of 128 bands, each brought to one level",
    ),
    _entry(
        "dieleman-report",
        _REPORT_AUDIO,
        None,
        17_119,
        0,
        _REPORT,
        "the report's base network on raw sound, its single first filter included",
    ),
    _entry(
        "dieleman-report-deep",
        _REPORT_AUDIO,
        None,
        2_845_470,
        2_560,
        _REPORT,
        "the report's improved network on raw sound: more filters, a third convolution, batch normalisation",
    ),
    _entry(
        "shortchunk-tag",
        SHORTCHUNK_AUDIO,
        SHORTCHUNK_MEL,
        12_104_244,
        11_778,
        SHORTCHUNK_SOURCE,
        "shortchunk with a probability for each tag by itself, as in the paper",
    ),
    _entry(
        "tagger-efficientnet-b0",
        SHORTCHUNK_AUDIO,
        SHORTCHUNK_MEL,
        4_071_278,
        42_275,
        "EfficientNet-B0 (Tan and Le, 2019, arXiv:1905.11946)",
        "tags log-mels by a network for photographs, untrained, with one channel",
    ),
)
