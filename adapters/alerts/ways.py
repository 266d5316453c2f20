"""Every way to tell people about alerts that is set up."""

from __future__ import annotations

from pydantic import SecretStr

from adapters.alerts.log import Log
from adapters.alerts.mail import Mail
from adapters.alerts.webhook import Webhook
from hub.ports import Announcer
from hub.settings import Settings


def announcers(settings: Settings) -> list[Announcer]:
    """The log always; a webhook and mail where the settings say so."""
    ways: list[Announcer] = [Log()]
    if settings.alert_webhook is not None:
        ways.append(Webhook(settings.alert_webhook, revealed(settings.alert_webhook_secret)))
    if settings.alert_mail is not None:
        ways.append(Mail(
            settings.alert_mail, settings.alert_mail_from, settings.alert_mail_to or (settings.alert_mail_from,),
            revealed(settings.alert_mail_password),
        ))
    return ways


def revealed(hidden: SecretStr | None) -> str | None:
    return None if hidden is None else hidden.get_secret_value()
