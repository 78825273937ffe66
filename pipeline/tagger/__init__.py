"""The claim tagger: one transformer that reads windows of sentences and scores each of them for three kinds of claim.

``settings`` says how a tagger is built and decides, ``windows`` turns sentences into token ids, ``engine`` runs the
encoder (OpenVINO, or torch on a GPU), ``tagger`` puts the three together. ``data``, ``train``, ``calibration`` and
``export`` make a tagger and need the extra ``train``. The network is a standard token classifier
(``AutoModelForTokenClassification``): a sentence's logits are the mean over its tokens', so any tool can load it.
"""
