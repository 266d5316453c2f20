"""All settings, in one frozen place; nobody else reads the environment."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read from HUB_* variables. Sizes are bytes, times seconds."""

    model_config = SettingsConfigDict(env_prefix="HUB_", frozen=True, extra="ignore")

    home: Path = Field(Path.home() / ".cpfr-hub", description="data, embedded PostgreSQL, mailboxes")
    gln: str = Field("9501101530003", description="the hub's own GLN, its envelope address")
    database_url: SecretStr | None = Field(None, description="owner URL (migrations); unset: embedded PostgreSQL")
    worker_url: SecretStr | None = Field(None, description="URL of hub_worker; required with database_url")
    door_url: SecretStr | None = Field(None, description="URL of hub_door; required with database_url")
    http_host: str = "127.0.0.1"
    http_port: int = 8080
    grpc_host: str = "127.0.0.1"
    grpc_port: int = 8443
    grpc_token_port: int = 8444
    tls_certificate: Path | None = Field(None, description="server certificate chain, PEM")
    tls_key: Path | None = None
    tls_client_ca: Path | None = Field(None, description="CA that signs partners' client certificates")
    max_message_bytes: int = 256 * 1024 * 1024
    xml_tree_bytes: int = Field(32 * 1024 * 1024, description="an XML document held whole, or a streamed one's head")
    xml_line_bytes: int = Field(4 * 1024 * 1024, description="one line of a streamed XML document")
    xml_silence_bytes: int = Field(1024 * 1024, description="so many bytes of XML hold at least one tag")
    xml_depth: int = Field(64, description="XML elements inside each other; the parser's own limit is 256")
    xml_attributes: int = Field(64, description="attributes of one XML element")
    grpc_max_message_bytes: int = Field(16 * 1024 * 1024, description="one gRPC call holds its file in memory")
    page_secret: SecretStr | None = Field(None, description="seals page tokens, the same on all nodes; unset: made")
    max_request_seconds: float = 60.0
    max_in_flight: int = 32
    as2_name: str | None = Field(None, description="what partners call the hub in AS2-To; unset: its GLN")
    as2_url: str | None = Field(None, description="where partners reach POST /as2, for receipts that come later")
    as2_max_bytes: int = Field(100 * 1024 * 1024, description="an AS2 message, and its file: both are held in memory")
    as2_processes: int = Field(2, description="processes that sign, encrypt and open AS2 messages")
    sftp_host: str = "127.0.0.1"
    sftp_port: int | None = Field(None, description="SFTP for partners who log in with a key; unset: not open")
    sftp_connections: int = Field(200, description="at once; one partner has at most 16 of them")
    sftp_idle_seconds: float = 600.0
    http_client_port: int | None = Field(None, description="HTTPS for client certificates (needs tls_client_ca)")
    requests_per_minute: int = Field(1200, description="of one partner, over HTTP")
    quota_messages: int = Field(100_000, description="files that one partner may hand in within a day (UTC)")
    quota_bytes: int = Field(50 * 1024**3, description="bytes, likewise")
    min_free_disk_percent: float = Field(5.0, description="below it nothing is taken in")
    metrics_token: SecretStr | None = Field(None, description="opens /metrics to others than this machine")
    job_attempts: int = 3
    alert_webhook: str | None = Field(None, description="URL that gets each alert as JSON")
    alert_webhook_secret: SecretStr | None = Field(None, description="seals what the webhook gets (HMAC-SHA-256)")
    alert_mail: str | None = Field(None, description="mail server: smtp://host:25, smtps://user@host:465")
    alert_mail_password: SecretStr | None = None
    alert_mail_from: str = "hub@localhost"
    alert_mail_to: tuple[str, ...] = Field((), description='addresses, as JSON: ["edi@example.com"]')
    secrets: Path | None = Field(None, description="directory of secrets that profiles name; unset: HUB_HOME/secrets")
    planning_processes: int = 2
    planning_offers: bool = Field(True, description="trees and a network learn from promotions, where there were any")
    ray_address: str | None = Field(None, description="Ray cluster that plans (extra `ray`); unset: local processes")
    log_level: str = "INFO"

    @property
    def secrets_folder(self) -> Path:
        """Where secrets really lie."""
        return self.secrets or self.home / "secrets"
