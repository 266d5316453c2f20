"""How what the hub sent fared on its way: every attempt, what was acknowledged, and what is overdue."""

from __future__ import annotations

import grpc
import pytest

from hub.client import CallError
from hub.errors import NotFound
from hub.model.acknowledgement import Acknowledged, AcknowledgedTransaction
from hub.rpc.pb.v1.exchange_pb2 import Delivery
from tests.rpc.conftest import World


def sent_to(world: World, partner: str) -> str:
    (name,) = world.visible["deliveries"][partner]
    return name.removeprefix("deliveries/")


async def carried(world: World, partner: str) -> str:
    """A file that was tried in vain, then by a fault of the hub's, then arrived, and was acknowledged."""
    message = sent_to(world, partner)
    async with world.units.worker() as unit:
        await unit.transaction.execute("UPDATE delivery SET expects = 'CONTRL'")
        await unit.transaction.execute(
            """INSERT INTO sent_transaction (message_id, ordinal, kind, control)
               SELECT id, 1, 'ORDERS', '7' FROM message WHERE public_id = %(message)s""", message=message)
        for wire, trip in (("503 try later", 9), ("/secret/path is not there", None)):
            await unit.transaction.execute("UPDATE delivery SET state = 'sending', claimed_by = 1")
            await unit.deliveries.postpone(1, message, wire, 0.5, 0, trip_after=trip)
        await unit.deliveries.succeed(message, "200 thank you", 0.25, 3600)
        said = Acknowledged(control="1", outcome="rejected", transactions=(
            AcknowledgedTransaction(message="ORDERS", control="7", outcome="rejected", codes=("12",)),))
        assert await unit.outbox.acknowledged(partner, "edifact", said, "interchange")
    return message


async def test_its_receiver_sees_each_attempt_and_each_acknowledgement_but_no_fault_of_the_hub(world: World) -> None:
    message = await carried(world, "south")
    async with world.by_token("south") as hub:
        found = await hub.delivery(f"deliveries/{message}")
    outcomes = Delivery.Attempt.Outcome
    assert found.message == f"messages/{message}"
    assert found.state == Delivery.STATE_DELIVERED
    assert [(one.outcome, one.answer, one.seconds) for one in found.attempts] == [
        (outcomes.OUTCOME_RETRY, "503 try later", 0.5), (outcomes.OUTCOME_FAILED, "", 0.5),
        (outcomes.OUTCOME_DELIVERED, "200 thank you", 0.25)]
    kinds = Delivery.Acknowledgement
    assert [(one.scope, one.outcome, one.control_number, list(one.codes)) for one in found.acknowledgements] == [
        (kinds.SCOPE_INTERCHANGE, kinds.OUTCOME_REJECTED, "", []),
        (kinds.SCOPE_TRANSACTION, kinds.OUTCOME_REJECTED, "7", ["12"])]
    assert found.expected_acknowledgement == "CONTRL"
    assert found.due_time.seconds - found.delivery_time.seconds == 3600


async def test_what_is_overdue_is_found_by_a_filter(world: World) -> None:
    message = await carried(world, "south")
    async with world.by_token("south") as hub:
        assert [one async for one in hub.deliveries(filter="overdue_time:*")] == []
        async with world.units.worker() as unit:
            await unit.transaction.execute("UPDATE delivery SET overdue_at = now()")
        late = [one.name async for one in hub.deliveries(
            filter='overdue_time:* AND state = STATE_DELIVERED AND expected_acknowledgement = "CONTRL"',
            order_by="due_time desc")]
    assert late == [f"deliveries/{message}"]


async def test_of_others_deliveries_there_is_none_and_neither_are_their_attempts(world: World) -> None:
    """Not even of a file that one has caused: who it went to, and how that fared, is its receiver's."""
    message = await carried(world, "south")
    for partner in ("north", "west"):
        async with world.by_token(partner) as hub:
            with pytest.raises(CallError) as refused:
                await hub.delivery(f"deliveries/{message}")
            assert refused.value.code is grpc.StatusCode.NOT_FOUND
            assert message not in {one.message.removeprefix("messages/") async for one in hub.deliveries()}
        async with world.units.door(partner) as unit:
            for asked in (unit.deliveries.attempts, unit.deliveries.acknowledgements):
                with pytest.raises(NotFound):
                    await asked(message)
            for table in ("attempt", "acknowledgement"):
                assert await unit.transaction.scalar(f"SELECT count(*) FROM {table}") == 0  # type: ignore[arg-type]  # noqa: S608  (one of two words of ours)
