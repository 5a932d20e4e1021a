"""Settings of the stage that cleans captions and reads age and sex."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DemographicsSettings:
    """How captions are cleaned and where age and sex may come from."""

    repair_ocr: bool = field(
        default=True,
        metadata={"help": "repair OCR slips in captions when the book's own words prove them"},
    )
    use_body_text: bool = field(
        default=True,
        metadata={
            "help": "when a caption says 'see text', read age and sex from the sentence in the "
            "body that discusses the figure"
        },
    )
    follow_same_patient: bool = field(
        default=True,
        metadata={"help": "'same patient as in Fig. 3' takes over what Fig. 3 states"},
    )
