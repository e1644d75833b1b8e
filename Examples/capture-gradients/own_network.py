"""An example of a network of one's own for `capture.py --own own_network.py`: a classifier of eight numbers, of random weights.

Write a function of this name that loads your network and the inputs that it is used with. The score is one scalar per input;
`networks.py` has three, and says what a score of another loss has to be.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from networks import Loss, Network, Score, language_score


def network(device: str, dtype: torch.dtype) -> Network:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(8, 32), nn.GELU(), nn.Linear(32, 5)).to(device, dtype).eval()
    inputs = [torch.randn(8) for _ in range(16)]

    def score(module: nn.Module, values: Tensor, generator: torch.Generator) -> Score:
        # Five classes are drawn from as a vocabulary is.
        return language_score(module(values.to(device, dtype)), generator)

    return Network("own", module, inputs, score, Loss("kl", "KL divergence, nats per input"))
