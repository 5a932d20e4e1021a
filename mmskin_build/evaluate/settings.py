"""What a user tunes about evaluation."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class EvaluateSettings:
    """How answers are produced and scored; decoding is greedy, so reruns agree."""

    split: str = field(default="test", metadata={"help": "split to score: test or validation"})
    batch_size: int = field(default=16, metadata={"help": "questions answered at once"})
    max_new_tokens: int = field(default=256, metadata={"help": "longest answer in tokens"})
    blind: bool = field(
        default=True,
        metadata={"help": "also answer without the image and with another row's image"},
    )
    bootstrap: int = field(
        default=1000, metadata={"help": "group resamples for the intervals; 0: no intervals"}
    )
    seed: int = field(default=0, metadata={"help": "seed of the resampling"})
    wordnet: str = field(
        default="", metadata={"help": "folder of WordNet 3.0 dict files for METEOR; '' searches"}
    )
    bert_model: str = field(
        default="", metadata={"help": "folder of a local BERT for BERTScore; '' leaves it out"}
    )
    bert_layer: int = field(
        default=9, metadata={"help": "hidden layer BERTScore compares; 9 for bert-base-uncased"}
    )

    def __post_init__(self) -> None:
        """Refuse values nothing could be scored with."""
        if self.split not in ("test", "validation"):
            raise ValueError("split must be 'test' or 'validation'")
        for name in ("batch_size", "max_new_tokens"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")
        if self.bootstrap < 0:
            raise ValueError("bootstrap must be 0 or more")
