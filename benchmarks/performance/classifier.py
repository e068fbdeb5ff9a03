"""A classifier that all peers of a row load: the base encoder below a random head, the same one at every run.

What its scores mean nothing for costs as much as what they mean something for; the head is scaled so that its logits
differ between texts as a trained one's do.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from scoring.packs import base_directory

SEED = 20
SPREAD_OF_LOGITS = 2.0
"""Their standard deviation over the texts, around 0: probabilities then stand on both sides of a half, 0.02 to 0.98."""


@torch.inference_mode()
def write_classifier(folder: Path, firsts: Sequence[str], seconds: Sequence[str] | None, max_length: int) -> Path:
    """Save a BertForSequenceClassification of one label, and its tokenizer, in `folder`; the texts scale the head."""
    torch.manual_seed(SEED)
    model = AutoModelForSequenceClassification.from_pretrained(base_directory(), num_labels=1).eval()
    tokenizer = AutoTokenizer.from_pretrained(base_directory())
    encoded = tokenizer(
        list(firsts), None if seconds is None else list(seconds), truncation=True, padding=True, max_length=max_length,
        return_tensors="pt",
    )  # fmt: skip
    logits = model(**encoded).logits
    model.classifier.weight.mul_(SPREAD_OF_LOGITS / logits.std())
    model.classifier.bias.copy_(-model(**encoded).logits.mean(0) + model.classifier.bias)
    tokenizer.model_max_length = max_length  # what peers go by that are not told otherwise
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
