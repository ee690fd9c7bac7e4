"""Addresses of the account pages. The names are allauth's, which looks them up."""

from django.urls import path

from heard.accounts import passkey_views as passkeys
from heard.accounts import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="account_login"),
    path("second/", passkeys.second, name="mfa_authenticate"),
    path("factor/", views.factor, name="accounts_factor"),
    path("passkeys/", passkeys.mine, name="accounts_passkeys"),
    path("passkeys/remove/", passkeys.remove, name="accounts_remove_passkey"),
    path("passkey/", passkeys.sign_in, name="accounts_passkey"),
    path("passkey/unlock/", passkeys.unlock, name="accounts_unlock"),
    path("elsewhere/", views.sign_out_elsewhere, name="accounts_elsewhere"),
    path("elsewhere/one/", views.end_session, name="accounts_end_session"),
    path("sign-out/", views.sign_out, name="account_logout"),
    path("join/", views.no_sign_up, name="account_signup"),
    path("inactive/", views.no_sign_up, name="account_inactive"),
    path("lost-password/", views.recover, name="account_reset_password"),
    path("recovery-code/", views.recovery_code, name="accounts_recovery_code"),
    path("password/", views.password, name="accounts_password"),
]
