"""Notices by e-mail, one each, over SMTP with TLS."""

from __future__ import annotations

import asyncio
import os
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate

from services.errors import DeliveryError
from services.notify.message import Message
from services.profile.notify import EmailChannel
from services.text import safe


def make(name: str, spec: EmailChannel) -> Email:
    return Email(name, spec)


class Email:
    def __init__(self, name: str, spec: EmailChannel) -> None:
        self.name = name
        self._spec = spec

    async def send(self, message: Message) -> None:
        await asyncio.to_thread(self._deliver, self._mail(message))

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"] = self._spec.sender, ", ".join(self._spec.to)
        mail["Subject"] = message.subject
        mail["Date"] = formatdate(message.data["at"])
        mail["Message-ID"] = f"<{message.id.replace(' ', '-')}@watchdeck>"  # the same news is one mail to a good client
        mail.set_content(message.text)
        return mail

    def _deliver(self, mail: EmailMessage) -> None:
        spec = self._spec
        where = f"notify.{self.name}: {spec.host}:{spec.port}"
        secure = ssl.create_default_context()
        try:
            with (
                smtplib.SMTP_SSL(spec.host, spec.port, timeout=spec.timeout, context=secure)
                if spec.security == "tls"
                else smtplib.SMTP(spec.host, spec.port, timeout=spec.timeout)
            ) as server:
                if spec.security == "starttls":
                    server.starttls(context=secure)
                if spec.user:
                    server.login(spec.user, self._password())
                refused = server.send_message(mail)
        except (OSError, smtplib.SMTPException) as error:
            raise DeliveryError(
                f"{where}: {safe(error, 200)}", "check `host`, `port`, `security` and `user`"
            ) from error
        if refused:  # of several addresses, some
            raise DeliveryError(f"{where} refused {safe(', '.join(refused), 200)}", "check `to`")

    def _password(self) -> str:
        found = os.environ.get(self._spec.password_env)
        if not found:
            name = self._spec.password_env or "password_env"
            raise DeliveryError(f"notify.{self.name}: no password: {name} is not set", "export it, or leave out `user`")
        return found
