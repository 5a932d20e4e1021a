"""Words by which captions name a technique or a kind of picture, and words that make it lean."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mmskin_build.records import Modality


@dataclass(frozen=True, slots=True)
class Cue:
    """A phrase, the modality it names, and how firmly (1 and more: states it)."""

    pattern: re.Pattern[str]
    modality: Modality
    weight: float


def _cue(modality: Modality, weight: float, *phrases: str, exact: bool = False) -> Cue:
    flags = re.NOFLAG if exact else re.IGNORECASE
    return Cue(
        re.compile(rf"(?<![\w-])(?:{'|'.join(phrases)})(?!\w|[ –-]guided)", flags), modality, weight
    )


_PICTURE = r"(?:photo(?:graph)?s?|pictures?|images?|views?|aspects?|appearances?)"
_BODY = (
    r"(?:patient|child|boy|girl|infant|man|woman|face|cheek|nose|ears?|eyes?|eyelids?|lips?|mouth"
    r"|tongue|gums?|gingiva\w*|scalp|neck|trunk|chest|back|abdomen|breasts?|buttocks?|groin|axilla\w*"
    r"|arms?|forearms?|elbows?|wrists?|hands?|palms?|fingers?|nails?|thumbs?|legs?|thighs?|knees?"
    r"|ankles?|foot|feet|toes?|soles?|heels?|forehead|temples?|chin|jaw|eyebrows?|nape|shoulders?"
    r"|flanks?|hips?|waist|navel|umbilicus|perineum|limbs?|shins?|calf|calves|knuckles?|nostrils?"
    r"|skin|lesions?|wounds?|ulcers?|rash|eruption|genitalia)"
)
_MICRO = r"(?:micrographs?|microscop(?:y|e|ic(?:al)?|ically)|microphotographs?)"
_TIMES = r"(?:[×x]\s?\d{1,4}(?:,\d{3})?|\d{1,4}\s?[×x])"

CUES: tuple[Cue, ...] = (
    # --- pathology: stains, sections, magnification
    _cue(
        Modality.PATHOLOGY,
        3.0,
        r"ha?ematoxylin(?:[ -]?(?:and|&|-|–)[ -]?eosin)?(?: stain\w*)?",
        r"H\s?(?:&|&amp;|and|\+|/)\s?E(?:[ -]stain\w*)?(?: sections?)?",
        r"photomicrograph\w*",
        r"(?:light|optical|bright-?field|confocal|polari[sz]ed light) microscop\w+",
        r"immunohistochemi\w+(?: stain\w*)?",
        r"immuno-?(?:stain\w*|peroxidase|fluorescence|labell?\w+|phosphatase|reactiv\w+)",
        r"(?:direct|indirect) immunofluorescence",
        r"(?:histolog|histopatholog|cytolog|cytopatholog|dermatopatholog)\w* (?:sections?|images?"
        r"|pictures?|views?|appearances?|features?|slides?|findings?|examinations?|specimens?"
        r"|analysis|aspects?|preparations?|smears?|details?|patterns?)",
        r"(?:frozen|paraffin|tissue|skin|biopsy|microscopic|semi-?thin) sections?",
        r"(?:scanning |low |medium |high )(?:power|magnification) (?:view|field|photomicrograph)",
        r"(?:Tzanck|touch|cytologic\w*|FNA\w?|Pap|skin|slit-skin) (?:smears?|preparations?|preps?)",
        r"fine[- ]needle aspirat\w+ (?:smear|cytology)\w*",
        r"under (?:a|the) microscope",
        r"(?:gross|resected|excised|surgical|pathologic\w*|operative|autopsy) specimens?",
        r"gross(?: pathologic\w*)? (?:appearances?|pathology|photographs?|sections?|views?"
        r"|images?)",
        r"cut surfaces? of (?:the )?(?:resected|excised|tumou?r|specimen|mass|nodule)",
    ),
    _cue(
        Modality.PATHOLOGY,
        2.6,
        rf"{_MICRO}",
        r"(?:transmission )?electron[ -]micro(?:graph\w*|scop\w+)(?: view| image)?",
        r"histo(?:path)?olog(?:y|ic|ical|ically)",
        r"(?:Masson|Giemsa|Ziehl|Fite|Wade|Alcian|Congo red|Grocott|Gomori|Verhoeff|Van Gieson"
        r"|von Kossa|Warthin|Perls|Papanicolaou|Wright|toluidine blue|colloidal iron|mucicarmine"
        r"|thioflavin|orcein|reticulin|Sudan|oil red|trichrome|methenamine|diaminobenzidine"
        r"|chloroacetate|Leder)(?:[’'\w -]{0,24}stain\w*)?",
        r"periodic acid[- ](?:Schiff|methenamine)(?:[’'\w -]{0,24}stain\w*)?",
        r"birefring\w+(?: (?:in|under|with) polari[sz]ed light)?",
        r"(?:special|positive|negative|nuclear|cytoplasmic|membranous) stain(?:ing|s)?",
        r"(?:stain\w*|positiv\w*|express\w*|reactiv\w*) (?:for|of|with) (?:anti-?)?"
        r"(?:CD\s?-?\d+\w?|S-?100|Ki-?67|p\d{2}|MIB|HMB-?\d*|SOX-?\d+|MART|melan|actin|desmin"
        r"|vimentin|cyto?keratin\w*|CK\s?\d*|EMA|CEA|ERG|factor|HHV|C3d?|Ig[AGM])",
    ),
    _cue(
        Modality.PATHOLOGY,
        2.4,
        r"HE",
        r"PAS",
        r"AFB",
        r"DIF",
        r"IHC(?: stain\w*)?",
        r"(?:CD\d+\w?|S-?100|Ki-?67|HMB-?45|SOX-?10|MIB-1)(?: protein)?(?: immuno)?[ -]?"
        r"(?:stain\w*|positiv\w*|immun\w+)",
        exact=True,
    ),
    _cue(
        Modality.PATHOLOGY,
        1.6,
        rf"(?:original )?magnification,?:?\s?{_TIMES}",
        r"original magnification",
        rf"\(\s?{_TIMES}\s?\)",
        rf"(?<=[,;(])\s?{_TIMES}",
        r"(?:higher|high|low|lower|medium|scanning)[- ](?:power|magnification)",
        r"(?:IgG|IgA|IgM|C3)(?: and C3)? (?:deposit\w*|along|at the)",
    ),
    # --- dermoscopy
    _cue(
        Modality.DERMOSCOPY,
        3.0,
        r"(?:video-?)?derm(?:at)?oscop\w*(?: (?:images?|views?|features?|findings?|pictures?))?",
        r"dermatoscop\w*(?: (?:images?|views?|features?|findings?|pictures?))?",
        r"(?:non-?polari[sz]ed|polari[sz]ed|cross-polari[sz]ed)(?: and \w+)? dermoscop\w+",
        r"epiluminescence(?: microscop\w*)?",
        r"(?:tricho|onycho|capillaro|entomo|inflammo|mucoso|ungu?o)scop\w+",
        r"surface microscopy",
        r"derma?toscopia|dermatoscopique|dermoscopie|auflichtmikroskop\w*|dermoscopia",
    ),
    _cue(
        Modality.DERMOSCOPY,
        2.0,
        r"(?:non-?contact|contact|cross)[- ]polari[sz]ed (?:image|light|view)\w*",
        r"(?:in|under|with|at|by) (?:non-?)?polari[sz]ed light(?! microscop)",
    ),
    # --- other: radiology, instruments, drawings, culture
    _cue(
        Modality.OTHER,
        3.0,
        r"(?:\w+ )?(?:radio(?:graph|gram)(?:s|y|ic|ically)?|roentgen\w*|x-?rays?)"
        r"(?: images?| films?)?",
        r"(?:abdominal |chest )?plain (?:views?|films?|radiographs?)",
        r"(?:computed|computerized|computerised|optical coherence|positron\w*|cone[- ]beam)"
        r"[ -](?:emission )?tomograph\w*",
        r"tomogra(?:m|ms|phy|phic)",
        r"magnetic resonance(?: imag\w+| angiogra\w+| cholangio\w+)?",
        r"(?:ultra|echo)?sonogra\w+|ultraso(?:und|nic|nograph\w*)(?: image| scan)?",
        r"echocardiogra\w+|electrocardiogra\w+|electroencephalogra\w+",
        r"(?:\w*angio|veno|cholangio|myelo|arterio|lympho|uro|mammo|orthopan\w*|panto)gra(?:m|ms|phy"
        r"|phic|phs)",
        r"scintigra\w+|fluoroscop\w+|(?:bone|PET|CT|MRI|MR|isotope)[- ](?:scan|image)\w*",
        r"fund(?:us|oscop)\w* (?:photo\w*|image\w*|autofluor\w*|view\w*|appearance\w*|fluor\w*)",
        r"fundoscop\w+|endoscop(?:y|ic) (?:image|view|appearance|picture|finding)\w*"
        r"|colonoscop\w+|gastroscop\w+|bronchoscop\w+|laparoscopic view|slit[- ]lamp\w*",
        r"(?:schematic|schema|diagram\w*|flow ?(?:chart|diagram)\w*|algorithm|timeline|pedigree"
        r"|line drawing|cartoon|infographic|nomogram)s?(?: (?:drawing|section|view|representation"
        r"|illustration|diagram)s?)?",
        r"(?:bar|pie|line|column) (?:chart|graph|plot)s?|(?:scatter|box|forest|Kaplan[- ]Meier)"
        r"[ -]?(?:plot|curve)s?|histogram\w*|survival curves?|dendrogram|phylogen\w+|heat ?map",
        r"western blot\w*|southern blot\w*|gel electrophoresis|chromatogra\w+|electrophore\w+"
        r"|flow cytometr\w+|sequenc(?:ing) chromatogram",
        r"(?:chemical|molecular|crystal) structures?|life[ -]?cycle|distribution map",
        r"(?:colony|colonies|culture)s? (?:morpholog\w+|on|plates?|of|growth|grown)"
        r"|macroscopic colon\w+|(?:Sabouraud|blood|chocolate|MacConkey|dextrose|nutrient) agar"
        r"|agar plates?|Petri dish\w*",
        r"scanning electron[ -]micro\w+",
    ),
    _cue(
        Modality.OTHER,
        2.6,
        r"CT",
        r"MRI",
        r"PET(?:[-/]CT)?",
        r"OCT",
        r"ECG",
        r"SEM",
        r"US",
        r"MRA",
        exact=True,
    ),
    _cue(
        Modality.OTHER,
        1.8,
        r"(?:illustration|drawing|sketch|graph|chart|map|plot|screenshot|logo)s?",
        r"(?:photo\w*|pictures?|images?|views?) of (?:the |an? |[A-Z]\) ?)*(?:[\w®-]+ ){0,4}?"
        r"(?:system|device|equipment|instrument|apparatus|set-?up|stylet|catheter|needle|syringe"
        r"|microscope|electronics|machine|tube|probe|plate|kit|bottle|plant|leaf|leaves|flower|mosquito"
        r"|insect|tick|mite|animal|building)s?",
        r"(?:layers|anatomy|structure|cross[- ]section) of (?:the |normal )*(?:human )?skin",
    ),
    # --- clinical: kinds of photographs of a person
    _cue(
        Modality.CLINICAL,
        2.0,
        rf"(?:clinical|preoperative|pre-operative|postoperative|post-operative|intraoperative"
        rf"|intra-operative|intraoral|intra-oral|extraoral|perioperative) {_PICTURE}",
        r"Wood[’']?s? (?:lamp|light)",
        rf"{_PICTURE} (?:of|showing) (?:the |an? |his |her |this )*(?:same )*(?:[\w-]+ ){{0,3}}?"
        rf"(?:patient|child|boy|girl|infant|man|woman)(?:[’']s \w+)?",
        r"(?:before|after) (?:and after )?photographs?",
    ),
    _cue(
        Modality.CLINICAL,
        1.4,
        rf"close-?up (?:{_PICTURE} )?(?:of|showing) (?:an? |the |his |her )*"
        rf"(?:person[’']s |[\w-]+ ){{0,2}}?{_BODY}",
        rf"(?:photo(?:graph)?s?|pictures?|images?|views?) of (?:the |an? |his |her )*(?:[\w-]+ )"
        rf"{{0,2}}?{_BODY}",
        r"(?:naked|unaided) eye",
        r"on (?:clinical|physical) examination",
        r"macroscopic (?:view|appearance|image|picture)",
        r"photographs?",
    ),
    _cue(Modality.CLINICAL, 0.7, r"clinical(?:ly)?", r"close-?ups?", r"photo"),
)


def _words(*phrases: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(phrases)})(?!\w)", re.IGNORECASE)


# Lesions that books show through a dermatoscope; a caption that names none speaks against it.
DERMOSCOPIC_LESIONS = _words(
    r"n(?:a)?ev(?:us|i|oid)|melano\w+|lentig\w+|mole|moles|\w*kerato\w+|\w*carcinoma\w*|\w*angioma\w*"
    r"|pigment\w*|lesions?|tumou?rs?|nodules?|papules?|macules?|spots?|spitz|reed|clark|angiokerato\w+"
    r"|dermatofibroma\w*|sebaceous|warts?|molluscum|scabies|mites?|burrows?|nails?|hairs?|alopecia"
    r"|scalp|haemorrhage|hemorrhage|lakes?|capillar\w+|vessels?"
)

LEANINGS: dict[Modality, re.Pattern[str]] = {
    Modality.DERMOSCOPY: _words(
        r"(?:pigment|typical|atypical|fine|broadened|negative|pseudo-?)[ -]?networks?",
        r"(?:reticul\w+|globular|homogeneous|starburst|cobblestone|structureless|parallel|lattice"
        r"|multicomponent|two-component|cerebriform|fingerprint)[-– \w]{0,24}?"
        r"(?:pattern|areas?|pigmentation|lesion|cent(?:re|er)|periphery)?",
        r"blue[-– ](?:white|grey|gray)(?: veil| structures?| ovoid| clods?| areas?)?",
        r"clods?|globules|pseudopods|(?:irregular |radial )?streaks|radial streaming",
        r"milia-like cysts?|comedo-like openings?|leaf-?like areas?|spoke[- ]wheel\w*",
        r"(?:arborizing|arborising|hairpin|comma|dotted|glomerular|polymorphous|linear)"
        r"[ -]vessels?",
        r"(?:rosettes|chrysalis|shiny white|white) (?:structures|lines|streaks)",
        r"moth-eaten|jelly sign|(?:network|fissures) (?:and|interrupted) \w+",
        r"furrow lines?|regression structures|perifollicular hypopigmentation",
    ),
    Modality.PATHOLOGY: _words(
        r"acanthosis|hyperkeratosis with|parakeratosis|orthokeratosis|spongiosis|acantholysis"
        r"|dyskerato\w+|papillomatosis|hypergranulosis",
        r"(?:dermal|perivascular|lichenoid|lymphocytic|inflammatory|lymphohistiocytic|neutrophilic)"
        r" infiltrat\w+",
        r"(?:spindle|epithelioid|basaloid|squamous|giant|tumou?r|neoplastic|atypical|columnar|plasma"
        r"|eosinophilic|foam|ductal|goblet) cells?",
        r"nuclei|nucleoli|mitos[ei]s|mitotic|pleomorphi\w+|palisad\w+|cytoplasm\w*|stroma\w*"
        r"|chromatin|lumen|luminal",
        r"glands?|glandular|granulomas?|lobules|keratinocytes|melanocytes|lymphocytes|histiocytes"
        r"|neutrophils|eosinophils|fibroblasts|collagen bundles|keratin pearls|epithelium"
        r"|lamina propria|papillary dermis|reticular dermis|basal layer",
    ),
    Modality.CLINICAL: _words(
        r"papules?|plaques?|pustules?|vesicles?|bullae|blisters?|nodules?|wheals?|patches|erosions?"
        r"|ulcers?|ulcerated|crusts?|crusted|scaling|scaly|scales?|excoriat\w+|lichenif\w+|comedones",
        r"(?:before|after|during) (?:and after )?(?:treatment|therapy|surgery|healing)",
        r"wrinkl\w+|thickened|weeping|exudat\w+|desquamat\w+|telangiectas\w+|striae|keloids?|gangren\w+",
        r"erythema\w*|purpur\w+|petechia\w*|violaceous|hyperpigment\w+|depigment\w+|alopecia|eruption"
        r"|rash|oedema|edema|swelling|swollen|eschar|atrophic",
        rf"(?:on|of|over|above|involving|affecting|across|behind) (?:the |both |her |his )*"
        rf"(?:[\w-]+ ){{0,2}}?{_BODY}",
    ),
    Modality.OTHER: _words(
        r"absorbed|pathway|mechanism|percentage|incidence|prevalence|number of|frequency|rate"
        r"|simplified|curve|axis|versus|classification|workflow|protocol",
    ),
}
