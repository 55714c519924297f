import jwt
import payroll
import pytest

PASSWORD = "Summit-2042"


@pytest.fixture
def sign_in(entra_tenant, port_443):
    """MSAL Python needs port 443; where that is not to be had, these tests are skipped and say so."""
    return lambda user, password=PASSWORD: payroll.sign_in(
        entra_tenant.authority, entra_tenant.user_name(user), password
    )


def test_an_employee_signs_in_and_gets_in(entra_tenant, sign_in):
    token = sign_in("cloud")

    assert payroll.employee(entra_tenant.authority, token) == entra_tenant.user_name("cloud")


@pytest.mark.parametrize("user", ["mfa", "newmfa", "noconsent"])
def test_who_needs_a_browser_is_told_so(user, sign_in):
    with pytest.raises(payroll.CannotSignIn, match="must sign in with a browser once"):
        sign_in(user)


def test_a_wrong_password_is_told_as_it_is(sign_in):
    with pytest.raises(payroll.CannotSignIn, match="AADSTS50126"):
        sign_in("cloud", "Winter-2042")


def test_an_account_that_was_disabled_gets_no_more_tokens(entra_tenant, sign_in):
    entra_tenant.change_user("cloud", accountEnabled=False)

    with pytest.raises(payroll.CannotSignIn, match="AADSTS50057"):
        sign_in("cloud")


def test_the_api_turns_away_a_token_of_another_tenant(ropeway, entra_tenant):
    elsewhere = ropeway.copy()

    assert payroll.employee(entra_tenant.authority, entra_tenant.token("cloud"))
    with pytest.raises(jwt.InvalidTokenError):
        payroll.employee(entra_tenant.authority, elsewhere.token("cloud"))
    elsewhere.drop()
