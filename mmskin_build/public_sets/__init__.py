"""Public dermatology sets as downloaded, turned into MM-Skin's tables and LLaVA conversations."""
