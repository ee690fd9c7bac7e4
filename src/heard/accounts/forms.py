"""Forms of the account pages."""

from typing import Any

from allauth.account.forms import LoginForm
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from heard.accounts import factors, passkeys


class SignInForm(LoginForm):  # type: ignore[misc]
    """Address and password; the way to a lost password stands below the form, once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""


class CodeForm(AuthenticateForm):  # type: ignore[misc]
    """The six digits, or a code from paper."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("The six digits from your app, or one of your codes on paper")
        self.fields["code"].widget.attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}

    def clean_code(self) -> str:
        """Return the code. Digits count in the half minutes beside theirs too, each of them once."""
        code: str = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP and not factors.use_once(self.user, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class PasskeyStepForm(AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey in place of the digits."""

    def clean_credential(self) -> Any:
        """Return the passkey. A made-up answer is a wrong one."""
        try:
            self.cleaned_data["credential"] = passkeys.without_secret(self.cleaned_data["credential"])
            return super().clean_credential()
        except passkeys.BROKEN:
            raise forms.ValidationError(_("The device's answer does not fit. Please try once more.")) from None


class FactorForm(forms.Form):
    """Take an app into use as second factor."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    code = forms.CharField(
        label=_("The six digits that your app shows now"),
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    secret = forms.CharField(max_length=400, widget=forms.HiddenInput)


class PasskeyForm(forms.Form):
    """Take a passkey into use."""

    name = forms.CharField(label=_("A name for it, such as the device"), max_length=60)
    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    credential = forms.JSONField(widget=forms.HiddenInput)
    prf = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


class PasskeySignInForm(forms.Form):
    """What a browser answers when it signs in with a passkey."""

    credential = forms.JSONField(widget=forms.HiddenInput)
    prf = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


class UnlockForm(forms.Form):
    """The password, for a passkey that cannot open the key itself."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )


def new_password(label: Any) -> forms.CharField:
    """Return the field for a password that somebody chooses."""
    return forms.CharField(
        label=label,
        help_text=_("At least 12 characters. A few unrelated words are easy to remember and hard to guess."),
        strip=False,
        validators=[validate_password],
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class RecoverForm(forms.Form):
    """Come back in with the personal recovery code."""

    email = forms.EmailField(
        label=_("Your e-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    code = forms.CharField(
        label=_("Your recovery code"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    new = new_password(_("A new password"))


class JoinForm(forms.Form):
    """Use an invitation: the code, and a password of one's own."""

    code = forms.CharField(
        label=_("The code you were given"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    email = forms.EmailField(
        label=_("The e-mail address it was made for"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = new_password(_("A password of your own"))


class PasswordForm(forms.Form):
    """Choose another password."""

    old = forms.CharField(
        label=_("The password you have now"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = new_password(_("The new one"))
