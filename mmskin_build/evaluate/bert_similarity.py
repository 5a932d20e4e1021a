"""BERTScore with a model from a local folder, computed as the ``bert_score`` package does.

No rescaling and no inverse document frequencies. Start and end tokens may be matched but do
not count themselves; a text without tokens scores 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mmskin_build.errors import ConfigError

BERT_HINT = "BERTScore not computed: name a local model folder with --bert-model"
BERT_METRICS = ("bert_precision", "bert_recall", "bert_f1")
_BATCH = 64

BertScore = Callable[[Sequence[str], Sequence[str]], Any]  # predicted, reference -> rows x 3


def load_bert(folder: str, layer: int) -> BertScore | None:
    """Return a scorer that uses one hidden layer of the model in ``folder``; None for ''.

    Raises:
        ConfigError: no such model, or it has fewer layers.
    """
    if not folder:
        return None
    from transformers import AutoModel, AutoTokenizer

    try:
        model = AutoModel.from_pretrained(folder).eval()
        tokenizer = AutoTokenizer.from_pretrained(folder)
    except (OSError, ValueError) as error:
        raise ConfigError(f"--bert-model {folder}: could not be loaded: {error}") from None
    if not 0 < layer <= model.config.num_hidden_layers:
        raise ConfigError(f"--bert-model {folder}: it has no layer {layer}")

    def score(predicted: Sequence[str], reference: Sequence[str]) -> Any:
        import numpy as np

        texts = sorted({text.strip() for text in (*predicted, *reference)}, key=len)
        known = _embeddings(texts, model, tokenizer, layer)
        pairs = zip(predicted, reference, strict=True)
        return np.array([_similarity(known[p.strip()], known[r.strip()]) for p, r in pairs])

    return score


def _embeddings(texts: Sequence[str], model: Any, tokenizer: Any, layer: int) -> dict[str, Any]:
    """Return unit vectors of each text's tokens, and which of them count."""
    import torch

    known = {}
    longest = min(tokenizer.model_max_length, model.config.max_position_embeddings)
    special = {tokenizer.cls_token_id, tokenizer.sep_token_id}
    for start in range(0, len(texts), _BATCH):
        chunk = list(texts[start : start + _BATCH])
        batch = tokenizer(
            chunk, return_tensors="pt", padding=True, truncation=True, max_length=longest
        )
        with torch.inference_mode():
            states = model(**batch, output_hidden_states=True).hidden_states[layer]
        states = torch.nn.functional.normalize(states, dim=-1)
        for row, text in enumerate(chunk):
            length = int(batch["attention_mask"][row].sum())
            counts = [int(i) not in special for i in batch["input_ids"][row, :length]]
            known[text] = (states[row, :length], torch.tensor(counts))
    return known


def _similarity(predicted: Any, reference: Any) -> tuple[float, float, float]:
    (ours, ours_count), (theirs, theirs_count) = predicted, reference
    if not ours_count.any() or not theirs_count.any():
        return 0.0, 0.0, 0.0
    table = ours @ theirs.T
    precision = float(table.max(dim=1).values[ours_count].mean())
    recall = float(table.max(dim=0).values[theirs_count].mean())
    total = precision + recall
    return precision, recall, 2 * precision * recall / total if total else 0.0
