"""Fine-tune a LLaVA-family model on a release: LoRA, one prompt builder, one image transform."""
