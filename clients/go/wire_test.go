package clients

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	msal "github.com/AzureAD/microsoft-authentication-library-for-go/apps/errors"
)

// wire takes note of the answers of the token endpoint, below the client, which stays as it is.
type wire struct {
	tokenAnswers []int
}

func (w *wire) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(request)
	if err == nil && request.Method == http.MethodPost && strings.HasSuffix(request.URL.Path, "/token") {
		w.tokenAnswers = append(w.tokenAnswers, response.StatusCode)
	}
	return response, err
}

func (w *wire) client() *http.Client {
	return &http.Client{Transport: w}
}

// answered demands these statuses of the token endpoint, no more and no fewer.
func (w *wire) answered(t *testing.T, statuses ...int) {
	t.Helper()
	if !slices.Equal(w.tokenAnswers, statuses) {
		t.Errorf("the token endpoint answered %v, not %v", w.tokenAnswers, statuses)
	}
}

// refusal is what the token endpoint's error body says.
type refusal struct {
	Error       string
	ErrorCodes  []int  `json:"error_codes"`
	Description string `json:"error_description"`
	Suberror    string
}

// refusedWith demands that an error of either library carries the token endpoint's refusal with this code.
func refusedWith(t *testing.T, err error, code int) refusal {
	t.Helper()
	var response *http.Response
	var called msal.CallErr
	var failed *azidentity.AuthenticationFailedError
	switch {
	case errors.As(err, &called):
		response = called.Resp
	case errors.As(err, &failed):
		response = failed.RawResponse
	}
	if response == nil {
		t.Fatalf("not the token endpoint's refusal: %v", err)
	}
	var said refusal
	if err := json.NewDecoder(response.Body).Decode(&said); err != nil {
		t.Fatalf("reading the refusal: %v", err)
	}
	if !slices.Equal(said.ErrorCodes, []int{code}) {
		t.Fatalf("refused with %v, not %d: %s", said.ErrorCodes, code, said.Description)
	}
	return said
}

// claims are those of a token that tests look at.
type claims struct {
	Audience string `json:"aud"`
	Client   string `json:"azp"`
	Issuer   string `json:"iss"`
	ObjectID string `json:"oid"`
	ProvedBy string `json:"azpacr"`
	Roles    []string
	Scope    string `json:"scp"`
}

// byCertificate is what a token says of a client that proved itself with a certificate; a secret is "1".
const byCertificate = "2"

// unverified reads a token as only a test may.
func unverified(t *testing.T, token string) claims {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("not a JWT: %q", token)
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var said claims
	if err := json.Unmarshal(payload, &said); err != nil {
		t.Fatal(err)
	}
	return said
}
