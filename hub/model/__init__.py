"""Canonical values: one business idea per file, the same for every dialect.

Small documents are frozen pydantic models (`order`, `response`); time-phased ones are a header and a Polars frame
(`bulk`, `activity`, `inventory`, `forecast`). `exchange` holds the envelope side, `agreement` and `profile` what was
agreed, `plan` and `exception` what planning produces.
"""
