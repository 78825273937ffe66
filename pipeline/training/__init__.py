"""Makes the models that ship from an annotated corpus; needs the extra ``train``.

``spacy_*``: sentence segmentation and names. ``tagger_*``: the claim tagger, from the corpus (``tagger_data``) and larger taggers
(``teach``) over training (``tagger_model``) and int8 (``tagger_export``) to thresholds (``calibrate``) and a card.
"""
