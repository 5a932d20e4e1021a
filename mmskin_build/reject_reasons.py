"""The closed list of reasons a record is dropped for; ``docs/reject-reasons.md`` explains each."""

from __future__ import annotations

from enum import StrEnum


class RejectReason(StrEnum):
    """Why a source, page, pair or question was dropped. Values appear in tables: never rename."""

    __repr__ = str.__repr__  # digests of rows are made from reprs: as the text read back

    # sources
    FILE_MISSING = "file_missing"
    FILE_EMPTY = "file_empty"
    NOT_A_PDF = "not_a_pdf"
    DAMAGED = "damaged"
    ENCRYPTED = "encrypted"
    CHECKSUM_CHANGED = "checksum_changed"
    REPAIRED = "repaired"
    TOO_MANY_PAGES = "too_many_pages"
    STAGE_FAULT = "stage_fault"
    # pages
    PAGE_DAMAGED = "page_damaged"
    PAGE_TIMEOUT = "page_timeout"
    PAGE_MEMORY = "page_memory"
    PAGE_TOO_LARGE = "page_too_large"
    PAGE_TOO_COMPLEX = "page_too_complex"
    OCR_FAILED = "ocr_failed"
    OTHER_LANGUAGE = "other_language"
    # figures and captions
    FIGURE_WITHOUT_CAPTION = "figure_without_caption"
    CAPTION_WITHOUT_FIGURE = "caption_without_figure"
    AMBIGUOUS_PAIR = "ambiguous_pair"
    IMAGE_UNREADABLE = "image_unreadable"
    # pairs
    TOO_SMALL = "too_small"
    ANNOTATED = "annotated"
    PANEL_LETTER = "panel_letter"
    FACE = "face"
    SENSITIVE_CAPTION = "sensitive_caption"
    PERSONAL_DATA = "personal_data"
    BURNT_IN_TEXT = "burnt_in_text"
    REPEATED_OVER_PAGES = "repeated_over_pages"
    DUPLICATE = "duplicate"
    EXCLUDED_BY_REVIEWER = "excluded_by_reviewer"
    LOW_PAIR_SCORE = "low_pair_score"
    EMPTY_CAPTION = "empty_caption"
    NOT_IN_RELEASE = "not_in_release"
    # questions
    QA_UNGROUNDED = "qa_ungrounded"
    QA_LEAKS_ANSWER = "qa_leaks_answer"
    QA_HEDGE = "qa_hedge"
    QA_TEXT_SHOWS = "qa_text_shows"
    QA_GENERAL_KNOWLEDGE = "qa_general_knowledge"
    QA_UNSEEABLE = "qa_unseeable"
    QA_CHIT_CHAT = "qa_chit_chat"
    QA_REPEATED = "qa_repeated"
    QA_UNBALANCED = "qa_unbalanced"
    QA_REPLY_UNREADABLE = "qa_reply_unreadable"
    QA_REPLY_STALE = "qa_reply_stale"
