"""Where a tagger lies."""

from pathlib import Path

from pipeline.config import shipped


def tagger_folder(model: str) -> Path:
    """The folder of a tagger given by path or, where there is no such folder, by the name of one that ships."""
    path = Path(model)
    return path if path.is_dir() or len(path.parts) != 1 else shipped("models") / model
