"""Each public set in miniature, with its real file and column names."""

from __future__ import annotations

from pathlib import Path

FILES: dict[str, dict[str, str]] = {
    "HAM10000": {
        "HAM10000_metadata": "lesion_id,image_id,dx,dx_type,age,sex,localization,dataset\n"
        "HAM_1,ISIC_0000001,nv,histo,50,male,back,x\nHAM_1,ISIC_0000002,nv,histo,50,male,back,x\n",
        "ISIC2018_Task3_Test_GroundTruth.csv": "lesion_id,image_id,dx\n"
        "HAM_2,ISIC_0000003,akiec\nHAM_1,ISIC_0000004,nv\n",
        "HAM10000_images_part_1/ISIC_0000001.jpg": "",
        "HAM10000_images_part_2/ISIC_0000002.jpg": "",
        "ISIC2018_Task3_Test_Images/ISIC_0000003.jpg": "",
        "ISIC2018_Task3_Test_Images/ISIC_0000004.jpg": "",
    },
    "ISIC": {
        "ISIC_2019_Training_GroundTruth.csv": "image,MEL,NV,BCC,AK,BKL,DF,VASC,SCC,UNK\n"
        "ISIC_0000001,0.0,1.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0\n"
        "ISIC_0000009_downsampled,0.0,0.0,0.0,0.0,1.0,0.0,0.0,0.0,0.0\n",
        "ISIC_2019_Training_Metadata.csv": "image,age_approx,anatom_site_general,lesion_id,sex\n"
        "ISIC_0000001,55,back,HAM_1,male\nISIC_0000009_downsampled,,,,\n",
        "ISIC_2019_Training_Input/ISIC_0000001.jpg": "",
        "ISIC_2019_Training_Input/ISIC_0000009_downsampled.jpg": "",
    },
    "BCN20000": {
        "metadata.csv": "isic_id,patient_id,lesion_id,diagnosis_1,diagnosis_2,diagnosis_3\n"
        'ISIC_0000005,P1,L1,Malignant,x,"Melanoma, NOS"\n'
        "ISIC_0000006,P1,L2,Indeterminate,x,Solar or actinic keratosis\n"
        "ISIC_0000007,P2,L3,Benign,x,Hidradenoma\nISIC_0000008,P3,L4,,,\n",
        "ISIC_0000005.jpg": "",
        "ISIC_0000006.jpg": "",
        "ISIC_0000007.jpg": "",
        "ISIC_0000008.jpg": "",
    },
    "HIBA_2class": {
        "metadata.csv": "isic_id,patient_id,benign_malignant,diagnosis\n"
        "ISIC_0000011,P1,malignant,melanoma\nISIC_0000012,P2,benign,nevus\n",
        "ISIC_0000011.jpg": "",
        "ISIC_0000012.jpg": "",
    },
    "MSKCC": {
        "metadata.csv": "isic_id,patient_id,diagnosis\n"
        "ISIC_0000021,P1,lentigo NOS\nISIC_0000022,P2,AIMP\nISIC_0000023,P3,unheard of\n",
        "ISIC_0000021.jpg": "",
        "ISIC_0000022.jpg": "",
        "ISIC_0000023.jpg": "",
    },
    "PAD": {
        "metadata.csv": "patient_id,lesion_id,age,diagnostic,img_id\n"
        "PAT_1,1,40,ACK,PAT_1_1_1.png\nPAT_1,2,40,NEV,PAT_1_2_2.png\n",
        "imgs_part_1/PAT_1_1_1.png": "",
        "imgs_part_2/PAT_1_2_2.png": "",
    },
    "Fitzpatrick": {
        "fitzpatrick17k.csv": "md5hash,fitzpatrick_scale,label,nine_partition_label,"
        "three_partition_label,url\nabc,3,psoriasis,inflammatory,non-neoplastic,u\n"
        "def,2,melanoma,malignant melanoma,malignant,u\nnot,2,x,y,benign,u\n",
        "images/abc.jpg": "",
        "images/def.jpg": "",
    },
    "DDI_2class": {
        "ddi_metadata.csv": ",DDI_ID,DDI_file,skin_tone,malignant,disease\n"
        "0,1,000001.png,56,True,melanoma\n1,2,000002.png,12,False,nevus\n",
        "000001.png": "",
        "000002.png": "",
    },
    "SCIN": {
        "scin_cases.csv": "case_id,image_1_path,image_2_path,image_3_path\n"
        "c1,dataset/images/1.png,dataset/images/2.png,\nc2,dataset/images/3.png,,\n",
        "scin_labels.csv": "case_id,weighted_skin_condition_label\n"
        "c1,\"{'Eczema': 0.4, 'Tinea': 0.6}\"\nc2,{}\n",
        "images/1.png": "",
        "images/2.png": "",
        "images/3.png": "",
    },
    "Dermnet": {
        "train/Bullous Disease Photos/a-1.jpg": "",
        "test/Vascular Tumors/b-2.jpg": "",
    },
    "Patch16_2class": {
        "data.csv": "file,class,set,malignicy\n"
        "data/tumor_skin_naevus_naevus/tumor_skin_naevus_naevus_ws_7_1.jpg,n,Train,tumor\n"
        "data/nontumor_skin_nerves_nerves/nontumor_skin_nerves_nerves_ws_8_2.jpg,n,Test,nontumor\n",
        "tumor_skin_naevus_naevus/tumor_skin_naevus_naevus_ws_7_1.jpg": "",
        "nontumor_skin_nerves_nerves/nontumor_skin_nerves_nerves_ws_8_2.jpg": "",
    },
}


def download(folder: Path, name: str) -> Path:
    root = folder / name
    for file, text in FILES[name].items():
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text or f"pixels of {Path(file).stem}", encoding="utf-8")
    return root
