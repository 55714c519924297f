package payroll_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"payroll"

	"ropeway.test/ropewaytest"
)

func signIn(tenant *ropewaytest.Tenant, user, password string) (string, error) {
	return payroll.SignIn(context.Background(), tenant.Authority, tenant.UserName(user), password)
}

func TestAnEmployeeSignsIn(t *testing.T) {
	t.Parallel()
	token, err := signIn(ropewaytest.New(t), "cloud", ropewaytest.Password)

	if err != nil || token == "" {
		t.Fatal(err)
	}
}

func TestWhoNeedsABrowserIsToldSo(t *testing.T) {
	for _, user := range []string{"mfa", "newmfa", "noconsent"} {
		t.Run(user, func(t *testing.T) {
			t.Parallel()
			_, err := signIn(ropewaytest.New(t), user, ropewaytest.Password)

			if !errors.Is(err, payroll.ErrBrowser) {
				t.Error(err)
			}
		})
	}
}

func TestAWrongPasswordIsToldAsItIs(t *testing.T) {
	t.Parallel()
	_, err := signIn(ropewaytest.New(t), "cloud", "Winter-2042")

	if err == nil || !strings.HasPrefix(err.Error(), "AADSTS50126: ") {
		t.Error(err)
	}
}

func TestAnAccountThatWasDisabledGetsNoMoreTokens(t *testing.T) {
	t.Parallel()
	tenant := ropewaytest.New(t)
	tenant.ChangeUser("cloud", map[string]any{"accountEnabled": false})

	_, err := signIn(tenant, "cloud", ropewaytest.Password)

	if err == nil || !strings.HasPrefix(err.Error(), "AADSTS50057: ") {
		t.Error(err)
	}
}
