"""Hand-made captions, each with what it states and the reason it is here.

Columns: caption | low | high | group | sex | why. Empty: nothing stated.
"""

from __future__ import annotations

import pytest

from mmskin_build.demographics import read_demographics

CASES = """
A 57-year-old woman with plaques on both shins.|57|57||female|the commonest form
A 57 year old woman with plaques.|57|57||female|no hyphens
Plaque in a 57-yr-old man.|57|57||male|abbreviated unit
57 yo F with a papule on the nose.|57|57||female|clinic shorthand, letter for the sex
57yo male, scaly patch.|57|57||male|shorthand without space
A 30 y/o man with erosions.|30|30||male|slash shorthand
21 y.o. woman, wheals on the trunk.|21|21||female|dotted shorthand
Lichen planus (M/45).|45|45||male|letter before number
Lichen planus (45/M).|45|45||male|number before letter
Lichen planus (M, 45).|45|45||male|letter and number in brackets
Lichen planus (F, 8).|8|8||female|one digit
Lichen planus (female, 34 years).|34|34||female|word and years in brackets
Lichen planus in a male, 62 years.|62|62||male|apposition
A woman of 29 with annular erythema.|29|29||female|'of' and a bare number
A man of 67.|67|67||male|bare number at the end
A girl of three with a blister.|3|3||female|number in words after 'of'
An eighty-three-year-old widow.|83|83||female|number in words, sex from 'widow'
Twenty-two-year-old soldier with a rash.|22|22|||words at the start of the caption
A two-and-a-half-year-old boy.|2.5|2.5||male|half in words
A 2½-year-old girl.|2.5|2.5||female|half as a sign
A 1.5-year-old girl.|1.5|1.5||female|decimal
A 10-year, 8-month-old boy.|10.667|10.667||male|years and months, hyphenated
The patient, aged 8 years and 1 month.|8.083|8.083|||years and months with 'and'
A girl aged 6 years 11 months.|6.917|6.917||female|years and months without 'and'
A boy at 2 years and 3 months of age.|2.25|2.25||male|'of age'
Haemangioma in a 13-month-old boy.|1.083|1.083||male|months
Haemangioma in a six-week-old girl.|0.115|0.115||female|weeks in words
Blisters in a 5-day-old boy.|0.014|0.014||male|days
Pustules on day of life 8.|0.022|0.022|||day of life
Pustules on the third day of life.|0.005|0.005|||ordinal day of life
Pustules on the first day of life.|0|0|||first day: hours old
A baby girl 2 hours after birth.|0|0|infant|female|hours after birth
A woman aged 51 years.|51|51||female|'aged'
A woman aged 51 with tense blisters.|51|51||female|'aged' without unit
Male patient, age 43, with nodules.|43|43||male|'age' in apposition
Photographed at the age of 15.|15|15|||'at the age of'
Photographed at age nine.|9|9|||words after 'age'
The same scalp at 12 years of age.|12|12|||'years of age'
A man between 50 and 55 years of age.|50|55||male|range for one patient
A woman aged 40 to 45 years.|40|45||female|range with 'to'
A man in his 80s.|80|89||male|decade in digits
A woman in her sixties.|60|69||female|decade in words
A man in his late forties.|40|49||male|part of a decade stays the decade
Rash in the third decade of life.|20|29|||ordinal decade
Petechiae in a septuagenarian.|70|79|||Latin decade
Purpura in an octogenarian man.|80|89||male|Latin decade with sex
A boy in his teens.|13|19||male|teens
Three brothers aged 4 to 9 years.|4|9||male|range of a series
A nearly 4-year-old boy.|4|4||male|'nearly'
A woman about 35 years old.|35|35||female|'about'
Man 42y, ulcer of the shin.|42|42||male|number and letter behind the noun
11 mo female with a nodule.|0.917|0.917||female|no 'old', directly before the person
A 100-year-old woman.|100|100||female|three digits
A 16-year-old daughter of the family shown above.|16|16||female|the relative is the one shown
Twin boys, 3 years old, with ichthyosis.|3|3||male|plural that is counted by 'twin'
Erosions in a neonate.|||neonate||group in words
Erosions in a newborn boy.|||neonate|male|group and sex
Rash in an infant.|||infant||group
Cradle cap in a baby.|||infant||everyday word
Wheals in a toddler.|||child||toddlers are children
Papules in a child.|||child||group
A young girl with hair loss.|||child|female|young girl
Comedones in a teenager.|||adolescent||group
Acne in an adolescent girl.|||adolescent|female|adjective group
Melasma in a middle-aged woman.|||adult|female|middle age
Photograph of an adult.|||adult||adult as a noun
Purpura in an elderly man.|||elderly|male|group
An old woman with prurigo.|||elderly|female|'old' without a number
Elderly male with a horn.|||elderly|male|no article
A 27 year old man.|27|27||male|'old man' inside an age is not elderly
Sarcoid plaque in a male patient.||||male|sex only
Sarcoid plaque in a pregnant woman.||||female|sex only
A woman with psoriatic arthritis.||||female|noun at the start
Her scalp before treatment.||||female|possessive pronoun
Scaling of his palms.||||male|possessive pronoun
She had a recurrent ulcer.||||female|subject pronoun
Boy with molluscum.||||male|no article
A gentleman with rhinophyma.||||male|polite noun
A lady with xanthelasma.||||female|polite noun
Brother and sister with xeroderma.||||mixed|two patients
Two women with lentigines.||||female|counted plural
The lesion had been present for 15 years.||||| duration
A 6-month course of itraconazole was given.|||||duration of treatment
Seen here 18 months after transplantation.|||||interval
Follow-up at 10 years showed no recurrence.|||||follow-up
The lesion arose within a 15-year-old scar.|||||age of a scar
A 20-day-old culture on Sabouraud agar.|||||age of a culture
A 3-year-old tattoo with granulomas.|||||age of a tattoo
An ulcer two years old.|||||age of an ulcer, behind the noun
Seven years after excision.|||||interval in words
The photograph was taken in 1965.|||||date
Photograph from the 80s.|||||date that looks like a decade
The tumour measured 35 × 20 mm.|||||size
H&E, ×400.|||||magnification
Grade 3 atypia.|||||grade
One of a series of 12 men and 8 women.|||||series counts
Fig. 3 shows 45 lesions.|||||counts of lesions
The condition is four times commoner in women.|||||epidemiology
It typically affects adults between 40 and 60 years of age.|||||population
Most common in children under 5 years of age.|||||population with a limit
Elderly people often have dry skin.|||||population in words
In infants it usually heals.|||||population of infants
Vaccination is recommended at 12 months of age.|||||schedule
Male-pattern alopecia.|||||diagnosis named after a sex
Female pattern hair loss with a wide parting.|||||diagnosis named after a sex
The male-to-female ratio is 2:1.|||||ratio
His mother was similarly affected.||||male|the pronoun tells, the relative does not
Her twin brother had identical lesions.||||female|the pronoun tells, the relative does not
A maternal aunt had the same disease.|||||relative
The father was 60 years old.|||||age of a relative
A fetus of a 30-year-old woman.|||||the mother's age is not the picture's
Placenta of a 25-year-old woman.|||||the mother's age again
Ultrasound at 24 weeks of gestation.|||||gestational age
A neonate of 30 weeks' gestation.|||neonate||gestational age kept apart from the group
Juvenile xanthogranuloma.|||||disease name
Infantile haemangioma of the lip.|||||disease name
Childhood dermatomyositis.|||||disease name
Adult-onset Still disease.|||||disease name
Congenital naevus.|||||no group from a diagnosis
Black widow spider bite.|||||an animal
Six-week-old mice after depilation.|||||animals
Density of cells in a middle-aged treated rat model.|||||an animal's age group
Skin of a newborn mouse.|||||an animal's age group
Erythema in a middle-aged rat owner.|||adult||the owner is a person
A middle-aged man bitten by a rat.|||adult|male|the person, not the rat
Ulcer of an elderly woman's calf.|||elderly|female|the patient's own calf
HE stain of the dermis.|||||a stain, not a pronoun
Positive HER2 staining.|||||a receptor, not a pronoun
Human scalp hair.|||||'man' inside a word
A German medical textbook.|||||'man' inside a word
Onset was at the age of 12.|||||age at onset, not in the picture
Diagnosed at the age of 5.|||||history
Psoriasis in a woman, 34.|34|34||female|bare number in apposition
Psoriasis in a man (34).|34|34||male|bare number in brackets
Naevus in a man of 38 known to have lupus.|38|38||male|bare number before a participle
Eczema in a boy of 8 months.|0.667|0.667||male|'of' with a unit
Eczema in a boy, aged 3½.|3.5|3.5||male|half as a sign after 'aged'
A 6 1/2-year-old boy.|6.5|6.5||male|half as a typewritten fraction
A 2 and a half year old boy.|2.5|2.5||male|digits and half in words
A one and half year old girl.|1.5|1.5||female|half without its article
A half-year-old girl with a nodule.|0.5|0.5||female|half alone
3 months' old infant with eczema.|0.25|0.25|infant||apostrophe after the unit
A 5 year girl with warts.|5|5||female|'old' forgotten before the person
55 year man, leg ulcer.|55|55||male|'old' forgotten at the start
A 36-h-old male neonate.|0.004|0.004||male|hours
Teenage (14) boy with striae.|14|14||male|number in brackets before the person
Pemphigus – woman – 50 years.|50|50||female|dashes as separators
Pemphigus, man, 50 yrs old.|50|50||male|commas as separators
♂, 45 years. Plaque.|45|45||male|sign for the sex
♀ 32 y, melasma.|32|32||female|sign for the sex, short unit
Plaque. 45F.|45|45||female|shorthand between stops
Plaque, M 45.|45|45||male|letter before the number between stops
34 y/o WF with wheals.|34|34||female|two-letter shorthand
Age: 45; sex: F.|45|45||female|form fields
Sex: male. Age: 7 months.|0.583|0.583||male|form fields, words
A man in his early to mid 40s.|40|49||male|two parts of a decade
A woman in her late 50s or early 60s.|50|69||female|two decades
A 50-something man.|50|59||male|colloquial decade
Two brothers, aged 4 and 7.|4|7||male|list of two ages
Three siblings, aged 3, 5 and 9 years.|3|9|||list of three ages
Two sisters aged 6 months and 3 years.|0.5|3||female|list with different units
Haemangioma at 2, 6 and 12 months of age.|0.167|1|||list before the unit, one patient
The same girl at age 4 and at age 9.|4|9||female|one patient at two ages
A 16-year-old boy and a 12-year-old girl.|12|16||mixed|two patients
Father and son with the same lesions.||||male|two relatives who are both shown
A mother and her daughter with lentigines.||||female|two relatives who are both shown
Ichthyosis in two sisters.||||female|counted relatives
My daughter is 10 months old.|0.833|0.833||female|first-person report of a relative
A grandmother with scabies.||||female|kin word for the patient
The patient's 60-year-old mother.|60|60||female|the relative is the one shown
A 45-year-old man whose father died aged 50.|45|45||male|age of a relative in a clause
A 3-year-old boy whose mother has a neurofibroma.|3|3||male|relative in a clause
The ointment my grandmother applied.|||||a relative who is not shown
A boy seen when he was with his mother.||||male|the pronoun agrees with the noun
A lesion noticed when I was ten years old.|||||remembered age
The rash began on the 3rd day of life.|||||day of onset
Blisters since the first day of life in a 2-month-old boy.|0.167|0.167||male|onset beside the age
Scar of a burn sustained at age 5.|||||age at injury
Nail disease for 4 years Female, 9 years old.|9|9||female|duration before the sex
A smoker of 40 years with a plaque of the lip.|||||'of N years' is a habit
Leg ulcer of 12 years' standing.|||||standing is duration
Erythema toxicum of the newborn.|||||disease named after an age group
This is a rare tumour of adolescents.|||||definition, bare plural
It has a predilection for middle-aged females.|||||definition, predilection
Wheals in three children.|||child||counted children are these children
Nappy rash in the baby seen above.|||infant||definite baby is somebody
The women's and children's hospital.|||||institution
Applied baby skin softening ointment.|||||product
A 2-year-old Labrador with demodicosis.|||||a dog
Dolphin. Male and 270 cm long.|||||an animal with a sex
The cells of Ar-man-ee.|||||'man' inside a hyphenated name
He/she was asked to return.|||||no sex is told
Male, hair loss that commonly starts here.||||male|sex first, general words behind
Healthy 13 y/o female, lesions that can itch.|13|13||female|general words do not hide one person
Ein 67-jähriger Mann mit Psoriasis.|67|67||male|German
Eine 45-jährige Patientin mit Ekzem.|45|45||female|German
Impetigo bei einem Kind im Alter von 5 Jahren.|5|5|child||German
Säugling mit Windeldermatitis.|||infant||German group
Femme de 45 ans avec un mélasma.|45|45||female|French
Patiente âgée de 34 ans.|34|34||female|French feminine patient
Homme âgé de 51 ans avec un carcinome.|51|51||male|French
Nourrisson de 3 mois avec un hémangiome.|0.25|0.25|infant||French months
Mujer de 30 años con melasma.|30|30||female|Spanish
Varón de 62 años con queratosis.|62|62||male|Spanish
Niña de 4 años con molusco.|4|4|child|female|Spanish child
Placche eritematose in donna di 54 anni.|||||another language stays empty
"""
ROWS = [tuple(line.rsplit("|", 5)) for line in CASES.strip().splitlines()]


def test_there_are_enough_cases_and_each_has_a_reason() -> None:
    assert len(ROWS) >= 120
    assert all(row[5].strip() for row in ROWS)
    assert len({row[0] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize(
    ("caption", "low", "high", "group", "sex", "why"), ROWS, ids=[r[0][:50] for r in ROWS]
)
def test_case(caption: str, low: str, high: str, group: str, sex: str, why: str) -> None:
    said = read_demographics(caption)
    wanted = (float(low) if low else None, float(high) if high else None)
    got = (said.age_low, said.age_high)
    for value, want in zip(got, wanted, strict=True):
        assert (value is None) == (want is None), (got, why)
        assert value is None or want is None or abs(value - want) < 0.01, (got, why)
    assert said.sex == sex, why
    if low == "":
        assert said.age_group == group, why
