"""One forecasting model per file, each a pure function `(Panel) -> Outlook` over many series at once.

A model sees only `Panel.values`, which end where the future begins; it cannot see further. To add one: write the file,
name it in `hub.planning.forecast.MODELS`; the model suite then tests shape, sign, gaps and blindness to the future.
"""
