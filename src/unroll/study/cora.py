"""What a study measures of Cora, where its files are at hand."""

from dataclasses import replace
from pathlib import Path

from unroll.errors import ConfigError
from unroll.graph_data.loading import find_cora
from unroll.study.graphs.presets import cora_parts
from unroll.study.presets import Preset


def with_cora(preset: Preset, root: Path | None) -> Preset:
    """Return the preset with Cora's part, if Cora lies under `root` or has been fetched before.

    Nothing is downloaded. Raises: ConfigError when a root is given and Cora is not there.
    """
    if find_cora(root) is None:
        if root is None:
            return preset
        raise ConfigError(
            f"root: no files of Cora in {root}: expected Cora/raw/ind.cora.x and seven others "
            "there, or ind.cora.x in the folder itself"
        )
    return replace(preset, parts=(*preset.parts, *cora_parts(preset.name, root)))
