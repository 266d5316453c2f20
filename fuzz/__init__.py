"""Fuzzing: the readers get what nobody would send, and must answer with findings.

targets     functions of bytes that raise only when we are wrong; some live in rooms of their own:
ways          by columns, in pieces and segment by segment all say the same
trees         despatch advices whose levels refer to anything
layers        partner tables that demand anything
promises    what all of them check with
seeds       what the fuzzers start from: the hand-written messages of the tests
mutate      breaks EDI on purpose: bytes, elements, segments, envelopes
engine      runs one target for some seconds, guided by coverage (atheris) or by chance where atheris is not installed

`make fuzz SECONDS=600` runs all targets for so many CPU seconds together. An input that breaks one is kept in
tests/edi/crashers/ under the target's name, and from then on every test run reads it again.
"""
