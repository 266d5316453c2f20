"""Cap your own sales forecast where you cannot deliver more, and say why.

    HUB_TARGET=hub.example:8444 HUB_TOKEN=… python commit_weeks.py agreements/retail partners/north 40

`partners/north` is who you are. Weeks inside the agreement's fences keep their number; what was not taken is printed.
"""

import os
import sys
from datetime import date, timedelta

from google.type.date_pb2 import Date

from hub.client import Client, Commitment, Measure

agreement, me, most = sys.argv[1], sys.argv[2], float(sys.argv[3])
sales = Measure.MEASURE_SALES_FORECAST


def week(first: Date, number: int) -> Date:
    day = date(first.year, first.month, first.day) + timedelta(weeks=number)
    return Date(year=day.year, month=day.month, day=day.day)


target, token, plaintext = os.environ["HUB_TARGET"], os.environ["HUB_TOKEN"], "HUB_PLAINTEXT" in os.environ
with Client.with_token(target, token, plaintext=plaintext) as hub:
    newest = next(hub.forecast_versions(
        filter=f'agreement = "{agreement}" AND author = "{me}" AND measure = MEASURE_SALES_FORECAST'))
    weeks = hub.agreement(agreement).horizon_weeks
    capped = [
        Commitment(gtin=one.gtin, gln=one.gln, week=week(one.first_week, number), quantity=most, comment="capacity")
        for one in hub.forecasts(forecast_version=newest.name)
        for number, quantity in enumerate(one.quantities[:weeks]) if quantity > most
    ]
    if capped:
        done = hub.commit_forecast(agreement, sales, capped, etag=newest.etag)
        print(f"{len(done.forecast_version.commitments)} weeks in {done.forecast_version.name}, {done.held_count} held")
        for finding in done.findings:
            print(finding.message, finding.hint)
