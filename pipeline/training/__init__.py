"""Training: builds the models that ship. Needs the extra ``train``; nothing at run time imports it."""
