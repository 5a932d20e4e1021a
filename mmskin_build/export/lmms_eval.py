"""An lmms-eval task on the test split: one YAML file and the functions it names."""

from __future__ import annotations

import inspect
from pathlib import Path

from mmskin_build.export import lmms_eval_task
from mmskin_build.export.settings import ExportSettings

TASK = "mmskin"
_HEAD = f"""\
# Use: lmms-eval --include_path THIS_FOLDER --tasks {TASK} ...
# dataset_path: the release folder, absolute or relative to where lmms-eval is started.
"""


def write_lmms_eval(folder: Path, settings: ExportSettings) -> None:
    """Write ``mmskin.yaml`` and ``utils.py`` for lmms-eval's ``--include_path``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{TASK}.yaml").write_text(_task_text(settings), encoding="utf-8")
    source = inspect.getsource(lmms_eval_task)
    (folder / "utils.py").write_text(source, encoding="utf-8")


def _task_text(settings: ExportSettings) -> str:
    """Return the task; written as text because YAML writers quote the ``!function`` tags."""
    metrics = "".join(
        f"  - metric: {name}\n"
        f"    aggregation: !function utils.{function.__name__}\n"
        "    higher_is_better: true\n"
        for name, function in lmms_eval_task.METRICS.items()
    )
    return f"""{_HEAD}task: {TASK}
dataset_path: {settings.name}
dataset_name: vqa
test_split: test
output_type: generate_until
process_docs: !function utils.embedded
doc_to_visual: !function utils.doc_to_visual
doc_to_text: !function utils.doc_to_text
doc_to_target: answer
process_results: !function utils.process_results
generation_kwargs:
  max_new_tokens: 256
  temperature: 0
  do_sample: false
metric_list:
{metrics}lmms_eval_specific_kwargs:
  default:
    pre_prompt: ""
    post_prompt: ""
metadata:
  version: "{settings.version}"
"""
