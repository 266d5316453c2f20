"""Joint business plans: each change is a new version, and all of them stay."""

from __future__ import annotations

from datetime import datetime
from typing import LiteralString

from psycopg.types.json import Jsonb

from hub.model.business_plan import BusinessPlan
from hub.store.transaction import Transaction

NEWEST: LiteralString = """
    SELECT DISTINCT ON (a.name) a.name, b.version, b.body
    FROM business_plan b JOIN agreement a ON a.id = b.agreement_id
    WHERE (%(agreement)s::text IS NULL OR a.name = %(agreement)s)
      AND (%(as_of)s::timestamptz IS NULL OR b.known_at <= %(as_of)s)
    ORDER BY a.name, b.version DESC"""


class StoredBusinessPlans:
    """`hub.ports.BusinessPlans`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def put(self, plan: BusinessPlan) -> bool:
        body = plan.model_dump(mode="json")
        last = await self._transaction.row(NEWEST, agreement=plan.agreement, as_of=None)
        if last is not None and last["body"] == body:
            return False
        await self._transaction.execute(
            """INSERT INTO business_plan (agreement_id, version, body)
               VALUES (%(agreement)s, %(version)s, %(body)s)""",
            agreement=await self._transaction.agreement_key(plan.agreement),
            version=1 if last is None else last["version"] + 1, body=Jsonb(body))
        return True

    async def get(self, agreement: str, as_of: datetime | None = None) -> BusinessPlan | None:
        row = await self._transaction.row(NEWEST, agreement=agreement, as_of=as_of)
        return None if row is None else BusinessPlan.model_validate(row["body"])
