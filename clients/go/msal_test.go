package clients

import (
	"context"
	"slices"
	"testing"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"
)

func tool(t *testing.T, w *wire) public.Client {
	t.Helper()
	app, err := public.New(legacyTool, public.WithAuthority(ropeway.authority()), public.WithInstanceDiscovery(false),
		public.WithHTTPClient(w.client()))
	if err != nil {
		t.Fatal(err)
	}
	return app
}

func withSecret(t *testing.T, w *wire, clientID, secret string) confidential.Client {
	t.Helper()
	credential, err := confidential.NewCredFromSecret(secret)
	if err != nil {
		t.Fatal(err)
	}
	return with(t, w, clientID, credential)
}

func withCertificate(t *testing.T, w *wire, clientID string, shown certificate) confidential.Client {
	t.Helper()
	credential, err := confidential.NewCredFromCert(shown.chain(), shown.key)
	if err != nil {
		t.Fatal(err)
	}
	return with(t, w, clientID, credential)
}

func with(t *testing.T, w *wire, clientID string, credential confidential.Credential) confidential.Client {
	t.Helper()
	app, err := confidential.New(ropeway.authority(), clientID, credential, confidential.WithInstanceDiscovery(false),
		confidential.WithHTTPClient(w.client()))
	if err != nil {
		t.Fatal(err)
	}
	return app
}

func signIn(t *testing.T, app public.Client, user string) public.AuthResult {
	t.Helper()
	result, err := app.AcquireTokenByUsernamePassword(context.Background(), defaultScope, user, password)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestTheRightPasswordGetsTokensForAPublicClient(t *testing.T) {
	w := &wire{}

	result := signIn(t, tool(t, w), "cloud@alpine.test")

	w.answered(t, 200)
	if got := result.Metadata.TokenSource; got != public.TokenSourceIdentityProvider {
		t.Errorf("token source %v", got)
	}
	if got := result.IDToken.PreferredUsername; got != "cloud@alpine.test" {
		t.Errorf("the id token names %q", got)
	}
	if result.Account.PreferredUsername != "cloud@alpine.test" || result.Account.Realm != tenant {
		t.Errorf("account %+v", result.Account)
	}
	for _, scope := range slices.Concat(defaultScope, read) {
		if !slices.Contains(result.GrantedScopes, scope) {
			t.Errorf("%s is not granted: %v", scope, result.GrantedScopes)
		}
	}
	access := unverified(t, result.AccessToken)
	if access.Scope != "Employees.Read" || access.Audience != employeeAPI || access.Client != legacyTool {
		t.Errorf("access token %+v", access)
	}
	if got, want := result.Account.HomeAccountID, access.ObjectID+"."+tenant; got != want {
		t.Errorf("home account %s, not %s", got, want)
	}
}

// MSAL Go's password request has no client secret, not even a confidential client's, so Entra refuses the application.
func TestAConfidentialClientForgetsItsSecretWhenItSendsAPassword(t *testing.T) {
	w := &wire{}
	app := withSecret(t, w, legacyPortal, legacyPortalSecret)

	_, err := app.AcquireTokenByUsernamePassword(context.Background(), defaultScope, "cloud@alpine.test", password)

	if said := refusedWith(t, err, 7000218); said.Error != "invalid_client" {
		t.Errorf("refusal %+v", said)
	}
	w.answered(t, 401)
}

func TestARefusalComesAsAnErrorAfterOneRequest(t *testing.T) {
	for _, refused := range []struct {
		name, user, password, suberror string
		code                           int
	}{
		{"a wrong password", "cloud@alpine.test", "Summit-2041", "", 50126},
		{"a second factor", "mfa@alpine.test", password, "basic_action", 50076},
	} {
		t.Run(refused.name, func(t *testing.T) {
			w := &wire{}
			app := tool(t, w)

			_, err := app.AcquireTokenByUsernamePassword(context.Background(), defaultScope, refused.user, refused.password)

			said := refusedWith(t, err, refused.code)
			if said.Error != "invalid_grant" || said.Suberror != refused.suberror {
				t.Errorf("refusal %+v", said)
			}
			w.answered(t, 400)
		})
	}
}

func TestOneUserRefusedAndAnotherRightInOneApplicationIsOneRequestEach(t *testing.T) {
	w := &wire{}
	app := tool(t, w)

	_, err := app.AcquireTokenByUsernamePassword(context.Background(), defaultScope, "mfa@alpine.test", password)
	right := signIn(t, app, "cloud@alpine.test")

	refusedWith(t, err, 50076)
	if access := unverified(t, right.AccessToken); access.Scope != "Employees.Read" {
		t.Errorf("access token %+v", access)
	}
	w.answered(t, 400, 200)
}

func TestASilentCallIsAnsweredFromTheCache(t *testing.T) {
	w := &wire{}
	app := tool(t, w)
	first := signIn(t, app, "cloud@alpine.test")

	for _, scopes := range [][]string{defaultScope, read} {
		silent, err := app.AcquireTokenSilent(context.Background(), scopes, public.WithSilentAccount(first.Account))

		if err != nil {
			t.Fatal(err)
		}
		if silent.Metadata.TokenSource != public.TokenSourceCache || silent.AccessToken != first.AccessToken {
			t.Errorf("another token for %v, from %v", scopes, silent.Metadata.TokenSource)
		}
	}
	w.answered(t, 200)
}

func TestASilentCallWithAClaimsChallengeRedeemsTheRefreshToken(t *testing.T) {
	w := &wire{}
	app := tool(t, w)
	first := signIn(t, app, "cloud@alpine.test")

	fresh, err := app.AcquireTokenSilent(context.Background(), defaultScope, public.WithSilentAccount(first.Account),
		public.WithClaims(`{"access_token":{"nbf":{"essential":true,"value":"1"}}}`))

	if err != nil {
		t.Fatal(err)
	}
	if fresh.Metadata.TokenSource != public.TokenSourceIdentityProvider || fresh.AccessToken == first.AccessToken {
		t.Errorf("the same token, from %v", fresh.Metadata.TokenSource)
	}
	w.answered(t, 200, 200)
}

func TestASilentCallForWhatNobodyConsentedToIsRefused(t *testing.T) {
	w := &wire{}
	app := tool(t, w)
	first := signIn(t, app, "cloud@alpine.test")

	_, err := app.AcquireTokenSilent(context.Background(), write, public.WithSilentAccount(first.Account))

	if said := refusedWith(t, err, 65001); said.Suberror != "consent_required" {
		t.Errorf("refusal %+v", said)
	}
	w.answered(t, 200, 400)
}

func TestAJobGetsATokenOfItsOwnAndThenTheCachedOne(t *testing.T) {
	w := &wire{}
	job := withSecret(t, w, nightlyJob, nightlyJobSecret)

	first, err := job.AcquireTokenByCredential(context.Background(), defaultScope)
	if err != nil {
		t.Fatal(err)
	}
	second, err := job.AcquireTokenByCredential(context.Background(), defaultScope)
	if err != nil {
		t.Fatal(err)
	}

	access := unverified(t, first.AccessToken)
	if !slices.Equal(access.Roles, []string{"Employees.Read.All"}) || access.Scope != "" {
		t.Errorf("access token %+v", access)
	}
	if second.AccessToken != first.AccessToken {
		t.Error("another token for the same request")
	}
	w.answered(t, 200)
}

func TestAWrongSecretIsRefusedAsABadClient(t *testing.T) {
	w := &wire{}

	_, err := withSecret(t, w, nightlyJob, "guessed").AcquireTokenByCredential(context.Background(), defaultScope)

	if said := refusedWith(t, err, 7000215); said.Error != "invalid_client" {
		t.Errorf("refusal %+v", said)
	}
	w.answered(t, 401)
}

func TestAJobGetsATokenOfItsOwnWithACertificateAndThenTheCachedOne(t *testing.T) {
	w := &wire{}
	job := withCertificate(t, w, nightlyJob, ropeway.registered)

	for range 2 {
		result, err := job.AcquireTokenByCredential(context.Background(), defaultScope)

		if err != nil {
			t.Fatal(err)
		}
		access := unverified(t, result.AccessToken)
		if !slices.Equal(access.Roles, []string{"Employees.Read.All"}) || access.ProvedBy != byCertificate {
			t.Errorf("access token %+v", access)
		}
	}
	w.answered(t, 200)
}

func TestACertificateThatIsNotRegisteredIsRefusedAsABadClient(t *testing.T) {
	w := &wire{}
	job := withCertificate(t, w, nightlyJob, stranger(t))

	_, err := job.AcquireTokenByCredential(context.Background(), defaultScope)

	if said := refusedWith(t, err, 700027); said.Error != "invalid_client" {
		t.Errorf("refusal %+v", said)
	}
	w.answered(t, 401)
}
