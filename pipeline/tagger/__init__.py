"""The claim tagger: one transformer that reads sentence by sentence, scores each for three kinds of claim, and marks its words.

``settings`` says how a tagger decides, ``sentences`` turns text into token ids, ``engine`` runs the network (OpenVINO, or
torch on a GPU, which ``network`` is for), ``entities`` turns token tags into spans, ``tagger`` puts them together.
"""
