"""Who leads which of the eight tasks of CPFR in an agreement: as its scenario has it, unless it says otherwise."""

from __future__ import annotations

from typing import cast, get_args

from hub.model.agreement import Agreement, Lead, Scenario, Task
from schemas import facts

TASKS: tuple[Task, ...] = get_args(Task)
USUAL: dict[Task, Lead] = {"order_fulfilment": "seller"}
"""Where every scenario has the same; all other tasks are done by both."""


def leads(agreement: Agreement) -> dict[Task, Lead]:
    """Task -> who leads it, in the order of the tasks."""
    scenario = facts.scenarios()[agreement.scenario]
    return {task: agreement.leads.get(task) or cast(Lead, scenario.get(task, USUAL.get(task, "both")))
            for task in TASKS}


def title_of(scenario: Scenario) -> str:
    """The scenario in words."""
    return str(facts.scenarios()[scenario]["title"])
