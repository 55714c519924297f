package ropewaytest_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"ropeway.test/ropewaytest"
)

type claims struct {
	Issuer string   `json:"iss"`
	Tenant string   `json:"tid"`
	Scope  string   `json:"scp"`
	Client string   `json:"azp"`
	Roles  []string `json:"roles"`
}

func read(t *testing.T, token string) claims {
	t.Helper()
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var said claims
	if err := json.Unmarshal(payload, &said); err != nil {
		t.Fatal(err)
	}
	return said
}

func refusal(t *testing.T, tenant *ropewaytest.Tenant, signIn ropewaytest.SignIn, code int) *ropewaytest.Refused {
	t.Helper()
	_, err := tenant.Try(signIn)
	var refused *ropewaytest.Refused
	if !errors.As(err, &refused) || refused.Code != code {
		t.Fatalf("not refused with %d: %v", code, err)
	}
	return refused
}

func TestAUserIsNamedAsInTheSample(t *testing.T) {
	for _, user := range []string{"cloud", "CLOUD", "guest", "cloudpw", "guest@fjord.test"} {
		t.Run(user, func(t *testing.T) {
			tenant := ropewaytest.New(t)

			said := read(t, tenant.Token(user))

			if said.Tenant != tenant.ID || said.Scope != "Employees.Read" || said.Issuer != tenant.Authority+"/v2.0" {
				t.Errorf("%+v", said)
			}
		})
	}
}

func TestAnApplicationGetsATokenOfItsOwn(t *testing.T) {
	tenant := ropewaytest.New(t)

	if roles := read(t, tenant.AppToken()).Roles; fmt.Sprint(roles) != "[Employees.Read.All]" {
		t.Errorf("roles %v", roles)
	}
	refused := refusal(t, tenant, ropewaytest.SignIn{ClientSecret: "wrong"}, 7000215)
	if refused.OAuthError != "invalid_client" {
		t.Error(refused.OAuthError)
	}
}

func TestAConfidentialClientSignsInWithItsSecret(t *testing.T) {
	const portal = "e0a91000-0000-4000-8000-00000000000b"
	tenant := ropewaytest.New(t)

	token, err := tenant.Try(ropewaytest.SignIn{User: "cloud", ClientID: portal, ClientSecret: "legacy-portal-secret"})

	if err != nil || read(t, token).Client != portal {
		t.Error(token, err)
	}
}

func TestARefusalSaysCodeCauseAndRemedy(t *testing.T) {
	tenant := ropewaytest.New(t)

	refused := refusal(t, tenant, ropewaytest.SignIn{User: "mfa"}, 50076)

	if refused.OAuthError != "invalid_grant" || !strings.Contains(string(refused.Body), `"suberror":"basic_action"`) {
		t.Errorf("%s", refused.Body)
	}
	lines := strings.Split(refused.Error(), "\n")
	begins := []string{
		"mfa@" + tenant.Domain + " got no token: AADSTS50076: Due to a configuration change ",
		"  cause: The password is right and a second factor is required: ",
		"  remedy: Sign in interactively ",
	}
	if len(lines) != len(begins) {
		t.Fatal(refused)
	}
	for number, begin := range begins {
		if !strings.HasPrefix(lines[number], begin) {
			t.Errorf("%q does not begin with %q", lines[number], begin)
		}
	}
}

func TestWhatATestChangesNoOtherTenantSees(t *testing.T) {
	tenant, other := ropewaytest.New(t), ropewaytest.New(t)

	tenant.ChangeUser("cloud", map[string]any{"accountEnabled": false})

	refusal(t, tenant, ropewaytest.SignIn{User: "cloud"}, 50057)
	other.Token("cloud")
}

func TestTimePassesInOneTenant(t *testing.T) {
	tenant, other := ropewaytest.New(t), ropewaytest.New(t)
	for _, each := range []*ropewaytest.Tenant{tenant, other} {
		each.ChangeUser("cloud", map[string]any{"passwordPolicies": "None"})
	}

	tenant.Advance(91 * 24 * time.Hour)

	refusal(t, tenant, ropewaytest.SignIn{User: "cloud"}, 50055)
	other.Token("cloud")
}

func TestATenantIsDroppedAtTheEndOfItsTest(t *testing.T) {
	server := ropewaytest.Start(t)
	exists := func(id string) bool {
		return server.Control(http.MethodGet, "tenants/"+id, nil, nil) == nil
	}

	var id string
	t.Run("its test", func(t *testing.T) {
		id = server.Copy(t, "fjord.test").ID
		if !exists(id) {
			t.Error("it is not there")
		}
	})

	if exists(id) {
		t.Error("it is still there")
	}
}

func TestTheControlAPISaysWhatWasWrong(t *testing.T) {
	tenant := ropewaytest.New(t)
	var signIns struct{ Value []any }
	if err := tenant.Control(http.MethodGet, "signIns", nil, &signIns); err != nil || len(signIns.Value) != 0 {
		t.Error(signIns, err)
	}

	path := "users/cloud@" + tenant.Domain
	err := tenant.Control(http.MethodPatch, path, map[string]any{"acountEnabled": false}, nil)

	if err == nil || !strings.Contains(err.Error(), "was answered 400: ") || !strings.Contains(err.Error(), "acountEnabled") {
		t.Error(err)
	}
}

func TestClientsTrustTheServerAndOnlyBecauseTheyAreToldTo(t *testing.T) {
	tenant := ropewaytest.New(t)
	metadata := tenant.Authority + "/v2.0/.well-known/openid-configuration"
	for _, client := range []*http.Client{http.DefaultClient, tenant.Client()} {
		answer, err := client.Get(metadata)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
	}

	nobody := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: x509.NewCertPool()}}}
	_, err := nobody.Get(metadata)

	var unknown x509.UnknownAuthorityError
	if !errors.As(err, &unknown) {
		t.Error(err)
	}
}

func TestTheVariablesOfTheDefaultCredentialAreSet(t *testing.T) {
	tenant := ropewaytest.New(t)

	tenant.Setenv()

	if os.Getenv("AZURE_TENANT_ID") != tenant.ID || os.Getenv("AZURE_AUTHORITY_HOST") != tenant.Server.Origin {
		t.Error(os.Environ())
	}
}
