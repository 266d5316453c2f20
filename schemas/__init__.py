"""Facts that anyone can look up in a standard: message tables, segments, elements, code lists. Data and one loader.

x12/ edifact/        elements, composites and segments of the standard, and one table per message and release
codes/               one concept per file: the canonical word and every dialect's code for it
ack/                 what each finding is called in 997, TA1 and CONTRL
findings.toml        the sentence and the remedy of each finding
facts.py             reads all of the above into frozen values
"""
