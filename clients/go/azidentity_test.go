package clients

import (
	"context"
	"slices"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

func place(w *wire) azcore.ClientOptions {
	return azcore.ClientOptions{
		Cloud:     cloud.Configuration{ActiveDirectoryAuthorityHost: ropeway.Origin},
		Transport: w.client(),
	}
}

func user(t *testing.T, w *wire, name, secret string) azcore.TokenCredential {
	t.Helper()
	options := azidentity.UsernamePasswordCredentialOptions{ClientOptions: place(w), DisableInstanceDiscovery: true}
	credential, err := azidentity.NewUsernamePasswordCredential(tenant, legacyTool, name, secret, &options)
	if err != nil {
		t.Fatal(err)
	}
	return credential
}

func job(t *testing.T, w *wire, secret string) azcore.TokenCredential {
	t.Helper()
	options := azidentity.ClientSecretCredentialOptions{ClientOptions: place(w), DisableInstanceDiscovery: true}
	credential, err := azidentity.NewClientSecretCredential(tenant, nightlyJob, secret, &options)
	if err != nil {
		t.Fatal(err)
	}
	return credential
}

func jobWith(t *testing.T, w *wire, shown certificate) azcore.TokenCredential {
	t.Helper()
	options := azidentity.ClientCertificateCredentialOptions{ClientOptions: place(w), DisableInstanceDiscovery: true}
	credential, err := azidentity.NewClientCertificateCredential(tenant, nightlyJob, shown.chain(), shown.key, &options)
	if err != nil {
		t.Fatal(err)
	}
	return credential
}

func token(credential azcore.TokenCredential) (azcore.AccessToken, error) {
	return credential.GetToken(context.Background(), policy.TokenRequestOptions{Scopes: defaultScope})
}

// getsItsTokenOnce asks a credential twice and demands that the second answer comes from its cache.
func getsItsTokenOnce(t *testing.T, w *wire, credential azcore.TokenCredential) claims {
	t.Helper()
	first, err := token(credential)
	if err != nil {
		t.Fatal(err)
	}
	second, err := token(credential)
	if err != nil {
		t.Fatal(err)
	}
	if second.Token != first.Token {
		t.Error("another token for the same request")
	}
	w.answered(t, 200)
	return unverified(t, first.Token)
}

func TestUsernamePasswordCredentialGetsATokenAndThenTheCachedOne(t *testing.T) {
	w := &wire{}

	access := getsItsTokenOnce(t, w, user(t, w, "cloud@alpine.test", password))

	if access.Scope != "Employees.Read" || access.Client != legacyTool {
		t.Errorf("access token %+v", access)
	}
}

func TestUsernamePasswordCredentialReportsARefusalAfterOneRequest(t *testing.T) {
	for _, refused := range []struct {
		name, user, password string
		code                 int
	}{
		{"a wrong password", "cloud@alpine.test", "Summit-2041", 50126},
		{"a second factor", "mfa@alpine.test", password, 50076},
	} {
		t.Run(refused.name, func(t *testing.T) {
			w := &wire{}

			_, err := token(user(t, w, refused.user, refused.password))

			refusedWith(t, err, refused.code)
			// azcore repeats an answer that carries Retry-After.
			w.answered(t, 400)
		})
	}
}

func TestClientSecretCredentialGetsATokenAndThenTheCachedOne(t *testing.T) {
	w := &wire{}

	access := getsItsTokenOnce(t, w, job(t, w, nightlyJobSecret))

	if !slices.Equal(access.Roles, []string{"Employees.Read.All"}) {
		t.Errorf("access token %+v", access)
	}
}

func TestClientSecretCredentialReportsAWrongSecretAfterOneRequest(t *testing.T) {
	w := &wire{}

	_, err := token(job(t, w, "guessed"))

	refusedWith(t, err, 7000215)
	w.answered(t, 401)
}

func TestClientCertificateCredentialGetsATokenAndThenTheCachedOne(t *testing.T) {
	w := &wire{}

	access := getsItsTokenOnce(t, w, jobWith(t, w, ropeway.registered))

	if !slices.Equal(access.Roles, []string{"Employees.Read.All"}) || access.ProvedBy != byCertificate {
		t.Errorf("access token %+v", access)
	}
}

func TestClientCertificateCredentialReportsAnUnregisteredCertificateAfterOneRequest(t *testing.T) {
	w := &wire{}

	_, err := token(jobWith(t, w, stranger(t)))

	refusedWith(t, err, 700027)
	w.answered(t, 401)
}

func TestOneUserRefusedAndAnotherRightIsOneRequestEach(t *testing.T) {
	w := &wire{}

	_, err := token(user(t, w, "mfa@alpine.test", password))
	right, rightErr := token(user(t, w, "cloud@alpine.test", password))

	refusedWith(t, err, 50076)
	if rightErr != nil {
		t.Fatal(rightErr)
	}
	if access := unverified(t, right.Token); access.Scope != "Employees.Read" {
		t.Errorf("access token %+v", access)
	}
	w.answered(t, 400, 200)
}

func TestTheVariablesOfRopewayEnvAreEnough(t *testing.T) {
	variables, err := ropeway.env()
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range variables {
		t.Setenv(name, value)
	}
	for name, credential := range map[string]func(azcore.ClientOptions) (azcore.TokenCredential, error){
		"EnvironmentCredential": func(wired azcore.ClientOptions) (azcore.TokenCredential, error) {
			return azidentity.NewEnvironmentCredential(
				&azidentity.EnvironmentCredentialOptions{ClientOptions: wired, DisableInstanceDiscovery: true})
		},
		"DefaultAzureCredential": func(wired azcore.ClientOptions) (azcore.TokenCredential, error) {
			return azidentity.NewDefaultAzureCredential(
				&azidentity.DefaultAzureCredentialOptions{ClientOptions: wired, DisableInstanceDiscovery: true})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := &wire{}
			credential, err := credential(azcore.ClientOptions{Transport: w.client()})
			if err != nil {
				t.Fatal(err)
			}

			access := getsItsTokenOnce(t, w, credential)

			if access.Client != nightlyJob || access.Issuer != ropeway.authority()+"/v2.0" {
				t.Errorf("access token %+v", access)
			}
		})
	}
}
