"""Records to JSON lines, so that whatever kills the process, nothing that was written is lost or half-written.

``existing`` reads what earlier runs left, ``output`` writes. Both know lines and files, not how a record is made.
"""
