"""What an agreement's scenario means: who leads which of the eight tasks of CPFR, what is compared and shown first, and
which terms hold where the agreement says nothing."""

from __future__ import annotations

from typing import Any, cast, get_args

from hub.model.agreement import Agreement, Lead, Scenario, Task
from hub.model.exception import View
from schemas import facts

TASKS: tuple[Task, ...] = get_args(Task)
USUAL: dict[Task, Lead] = {"order_fulfilment": "seller"}
"""Where every scenario has the same; all other tasks are done by both."""


def leads(agreement: Agreement) -> dict[Task, Lead]:
    """Task -> who leads it, in the order of the tasks; those that are no task of this collaboration are left out."""
    scenario = facts.scenarios()[agreement.scenario]
    found = {task: agreement.leads.get(task) or cast(Lead, scenario.get(task, USUAL.get(task, "both")))
             for task in TASKS}
    return {task: lead for task, lead in found.items() if lead != "none"}


def title_of(scenario: Scenario) -> str:
    """The scenario in words."""
    return str(facts.scenarios()[scenario]["title"])


def compared(agreement: Agreement) -> tuple[View, ...]:
    """The measures that its two sides hold against each other, the one that matters most first."""
    return tuple(facts.scenarios()[agreement.scenario]["compared"])


def first_look(agreement: Agreement) -> str:
    """What a planner looks at first: events, orders, shelves or range."""
    return str(facts.scenarios()[agreement.scenario]["first"])


def told_by(agreement: Agreement) -> dict[Task, tuple[str, ...]]:
    """Task -> the kinds of documents that tell of it."""
    told = facts.scenarios()[agreement.scenario]["told"]
    return {task: tuple(told[task]) for task in leads(agreement) if task in told}


def completed(agreement: Agreement) -> Agreement:
    """The agreement with its scenario's terms where it names a scenario and says nothing of them itself. Fences reach
    no farther than the weeks that are planned."""
    if "scenario" not in agreement.model_fields_set:
        return agreement
    terms: dict[str, Any] = {name: value for name, value in facts.scenarios()[agreement.scenario]["default"].items()
                             if name not in agreement.model_fields_set}
    if "fences" in terms:
        weeks = agreement.horizon_weeks
        terms["fences"] = terms["fences"] | {name: min(terms["fences"][name], weeks) for name in ("frozen", "slushy")}
    return Agreement.model_validate(agreement.model_dump(exclude_unset=True) | terms)
