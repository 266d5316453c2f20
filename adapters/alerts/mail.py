"""Alerts by mail over SMTP.

    smtp://host:25          plain, and encrypted as soon as the server offers it (STARTTLS)
    smtps://host:465        encrypted from the beginning
    smtp://user@host:587    with a password, which is never sent unencrypted
"""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from hub.errors import Retry
from hub.ports import Raised

PATIENCE = 15.0


@dataclass
class Mail:
    """`server` is a URL as above, `to` one or more addresses."""

    server: str
    sender: str
    to: tuple[str, ...]
    password: str | None = field(default=None, repr=False)
    name: str = "mail"

    async def tell(self, raised: Raised) -> None:
        try:
            await asyncio.to_thread(self._send, letter(raised, self.sender, self.to))
        except (OSError, smtplib.SMTPException) as error:
            raise Retry(f"The mail server did not take it: {type(error).__name__}.") from error

    def _send(self, mail: EmailMessage) -> None:
        parts = urlsplit(self.server)
        secure, trust = parts.scheme == "smtps", ssl.create_default_context()
        host, port = parts.hostname or "localhost", parts.port or (465 if secure else 25)
        with (
            smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=trust) if secure
            else smtplib.SMTP(host, port, timeout=PATIENCE)
        ) as server:
            server.ehlo()
            if not secure and server.has_extn("starttls"):
                server.starttls(context=trust)
                secure = True
            if parts.username and self.password is not None:
                if not secure:
                    raise smtplib.SMTPNotSupportedError("the server offers no encryption for the password")
                server.login(unquote(parts.username), self.password)
            server.send_message(mail)


def letter(raised: Raised, sender: str, to: tuple[str, ...]) -> EmailMessage:
    """One alert as a plain text mail. What strangers wrote cannot add a header: there are no line breaks in it."""
    alert, mail = raised.alert, EmailMessage()
    about = " ".join(alert.message.split())
    mail["Subject"] = f"[hub {alert.severity}] {about[:150]}"
    mail["From"], mail["To"] = sender, ", ".join(to)
    mail["Message-ID"] = f"<{raised.id}@{sender.partition('@')[2] or 'hub'}>"
    mail.set_content(
        f"{about}\n\nWhat to do: {alert.hint}\n\nkind: {alert.kind}\nsubject: {alert.subject}\n"
        f"partner: {alert.partner or '-'}\nsince: {raised.at:%Y-%m-%d %H:%M:%S} UTC\nalert: {raised.id}\n"
    )
    return mail
