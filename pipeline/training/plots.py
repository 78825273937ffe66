"""The pictures in the model card."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from pipeline.record import LABELS
from pipeline.tagger.settings import TaggerSettings
from pipeline.training.calibrate import Scored, reliability

RELIABILITY_FILE = "reliability.png"


def plot_reliability(sets: Mapping[str, tuple[TaggerSettings, Scored]], folder: Path) -> None:
    """Draws how often a score is right, a panel for each set, a line for each label (Niculescu-Mizil and Caruana 2005).

    Args:
        sets: by name, the settings whose calibration is judged and a set it was not fitted on.
        folder: where ``reliability.png`` goes.
    """
    figure = Figure(figsize=(4 * len(sets), 4), layout="constrained")
    axes = figure.subplots(1, len(sets), squeeze=False, sharey=True)[0]
    for axis, (name, (settings, scored)) in zip(axes, sets.items(), strict=True):
        axis.plot([0, 1], [0, 1], color="0.7", linewidth=1)
        for label in LABELS:
            bins = reliability(settings, scored, label)
            axis.plot([b.score for b in bins], [b.share for b in bins], marker="o", markersize=4, label=label)
        axis.set(title=name, xlabel="score", xlim=(0, 1), ylim=(0, 1), xticks=np.linspace(0, 1, 6))
    axes[0].set_ylabel("share of sentences with the label")
    axes[0].legend(frameon=False)
    figure.savefig(folder / RELIABILITY_FILE, dpi=100)
