"""Django's entry for the vault."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    """Hands the signing key to the audit."""

    name = "heard.vault"
    label = "vault"

    def ready(self) -> None:
        """Let the audit sign its roots."""
        from heard.audit import chain as audit
        from heard.vault.signing import HouseSigner

        audit.use_signer(HouseSigner())
