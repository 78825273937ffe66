"""The spaCy side: our components, the pipeline they form, and what turns articles into records.

Each component is one file with its factory, its defaults and its scorer, found by its registered name in any spaCy
pipeline once Opclaims is installed: ``layout``, ``dates_and_money``, ``claim_tagger``, ``claim_entities``. ``language`` assembles the pipeline,
``recorder`` reads a ``Doc`` into a record, ``processor`` does both for a batch of articles.
"""
