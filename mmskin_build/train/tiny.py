"""A tiny LLaVA built on the spot: random weights, tokenizer trained on the rows at hand.

It exists so that the whole training and evaluation path runs on any laptop in minutes and
really learns. It knows nothing of dermatology and must never be mistaken for a result.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mmskin_build.train.examples import IMAGE_MARK, Example
from mmskin_build.train.settings import BaseSettings

NOTICE = "tiny demonstration model, random initial weights"
_HEADS = 4
_SPECIAL = ("<unk>", "<s>", "</s>", "<pad>", IMAGE_MARK)
_POSITIONS = 2048


def build_tiny(
    examples: Iterable[Example], settings: BaseSettings, seed: int, folder: Path
) -> None:
    """Write a tiny LLaVA checkpoint (model, tokenizer, image processor) into ``folder``."""
    import torch
    from transformers import LlavaForConditionalGeneration

    tokenizer = train_tokenizer(examples, settings.vocabulary)
    config = _config(settings, tokenizer)
    state = torch.random.get_rng_state()
    torch.manual_seed(seed)
    model = LlavaForConditionalGeneration(config)
    torch.random.set_rng_state(state)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    _image_processor(settings).save_pretrained(folder)


def train_tokenizer(examples: Iterable[Example], vocabulary: int) -> Any:
    """Return a byte-level BPE tokenizer trained on questions and answers."""
    from tokenizers import ByteLevelBPETokenizer
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    texts = [f"[INST] {t.question} [/INST] {t.answer}" for e in examples for t in e.turns]
    bpe = ByteLevelBPETokenizer()
    bpe.train_from_iterator(
        texts,
        vocab_size=vocabulary,
        min_frequency=2,
        special_tokens=list(_SPECIAL),
        show_progress=False,
    )
    start = bpe.token_to_id("<s>")
    bpe._tokenizer.post_processor = TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", start)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe._tokenizer,
        unk_token="<unk>",
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        additional_special_tokens=[IMAGE_MARK],
    )


def _config(settings: BaseSettings, tokenizer: Any) -> Any:
    from transformers import CLIPVisionConfig, LlavaConfig, MistralConfig

    size = settings.hidden_size
    ids = {
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    # The usual 0.02 suits wide models; at this width it leaves attention nearly uniform, and
    # hundreds of steps pass before the picture is used.
    vision = CLIPVisionConfig(
        hidden_size=size,
        intermediate_size=2 * size,
        num_hidden_layers=settings.layers,
        num_attention_heads=_HEADS,
        image_size=settings.image_size,
        patch_size=settings.patch_size,
    )
    text = MistralConfig(
        hidden_size=size,
        intermediate_size=2 * size,
        num_hidden_layers=settings.layers,
        num_attention_heads=_HEADS,
        num_key_value_heads=_HEADS // 2,
        vocab_size=len(tokenizer),
        max_position_embeddings=_POSITIONS,
        sliding_window=None,
        initializer_range=size**-0.5,
        **ids,
    )
    return LlavaConfig(
        initializer_range=size**-0.5,
        vision_config=vision,
        text_config=text,
        image_token_index=tokenizer.convert_tokens_to_ids(IMAGE_MARK),
        image_seq_length=(settings.image_size // settings.patch_size) ** 2,
        vision_feature_layer=-1,  # with two layers, -2 would leave one of them unused
        **ids,
    )


def _image_processor(settings: BaseSettings) -> Any:
    from transformers import CLIPImageProcessorPil

    side = settings.image_size
    return CLIPImageProcessorPil(
        size={"shortest_edge": side}, crop_size={"height": side, "width": side}
    )
