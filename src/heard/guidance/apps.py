"""Django's entry for the texts."""

from django.apps import AppConfig


class GuidanceConfig(AppConfig):
    """Checks every text at start-up: a broken one stops the start, not a report."""

    name = "heard.guidance"
    label = "guidance"

    def ready(self) -> None:
        """Read everything once."""
        from heard import guidance

        guidance.questions(guidance.default_policy(), "en")
        guidance.check_texts("en")
        guidance.measures(guidance.default_policy())
        guidance.notices("en")
