"""Networks of pictures in 0..1 as they are, without what fills gaps or goes on by them."""

from __future__ import annotations

from fstmuse.networks.convae import convae
from fstmuse.networks.convvae import convvae
from fstmuse.networks.prednet import prednet

PICTURE_NETWORKS = {"convae": convae, "convvae": convvae, "prednet": prednet}
"""From (frames, mels) to models that give pictures back, not labels."""
