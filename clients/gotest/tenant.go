package ropewaytest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The sample tenant's cast, as the README lists it.
const (
	Password         = "Summit-2042"
	LegacyTool       = "e0a91000-0000-4000-8000-00000000000c"
	NightlyJob       = "e0a91000-0000-4000-8000-00000000000f"
	NightlyJobSecret = "nightly-job-secret"
	Employees        = "api://employees.alpine.test/.default"
)

// Tenant is a copy of a tenant: same user names before the @, same applications, passwords and secrets; ids of its own.
type Tenant struct {
	ID string
	// Domain is the default one.
	Domain string
	// Authority is the server's origin and the tenant's id, as MSAL takes it.
	Authority string
	// Server is where the tenant lives.
	Server *Server

	t testing.TB
}

// SignIn is what a client sends for a token. What is left out is the sample's.
type SignIn struct {
	// User is the name before the @ of a user of the tenant, or all of it. Without one the client signs in for itself, by
	// client credentials.
	User     string
	Password string
	// ClientID is Legacy tool for a user, and Nightly job for a client by itself.
	ClientID     string
	ClientSecret string
	// Scope is that of the sample's Employee API.
	Scope string
}

// Refused is the token endpoint's refusal. As text it has the AADSTS code, the cause and the remedy.
type Refused struct {
	// Code is the AADSTS number.
	Code int
	// OAuthError is what OAuth calls `error`.
	OAuthError string
	// Description is the whole error_description.
	Description string
	// Body is the whole answer, as a client gets it.
	Body []byte
	// Cause and Remedy are the words of `ropeway explain`.
	Cause, Remedy string

	who string
}

func (r *Refused) Error() string {
	text, _, _ := strings.Cut(r.Description, "Trace ID")
	return fmt.Sprintf("%s got no token: %s\n  cause: %s\n  remedy: %s", r.who, strings.TrimSpace(text), r.Cause, r.Remedy)
}

// Token is an access token for a user of the sample, by the password grant. A refusal fails the test.
func (t *Tenant) Token(user string) string {
	t.t.Helper()
	return t.must(SignIn{User: user})
}

// AppToken is an access token for the sample's Nightly job, by client credentials. A refusal fails the test.
func (t *Tenant) AppToken() string {
	t.t.Helper()
	return t.must(SignIn{})
}

func (t *Tenant) must(signIn SignIn) string {
	t.t.Helper()
	token, err := t.Try(signIn)
	if err != nil {
		t.t.Fatal(err)
	}
	return token
}

// Try is an access token, or the error [Refused].
func (t *Tenant) Try(signIn SignIn) (string, error) {
	t.t.Helper()
	form := url.Values{"scope": {cmp.Or(signIn.Scope, Employees)}}
	if signIn.User != "" {
		form.Set("grant_type", "password")
		form.Set("username", t.UserName(signIn.User))
		form.Set("password", cmp.Or(signIn.Password, Password))
		form.Set("client_id", cmp.Or(signIn.ClientID, LegacyTool))
	} else {
		form.Set("grant_type", "client_credentials")
		form.Set("client_id", cmp.Or(signIn.ClientID, NightlyJob))
		signIn.ClientSecret = cmp.Or(signIn.ClientSecret, NightlyJobSecret)
	}
	if signIn.ClientSecret != "" {
		form.Set("client_secret", signIn.ClientSecret)
	}
	answer, err := t.Ask(form)
	if err != nil {
		return "", err
	}
	token, _ := answer["access_token"].(string)
	return token, nil
}

// Ask posts any form to the v2.0 token endpoint: the answer, or the error [Refused].
func (t *Tenant) Ask(form url.Values) (map[string]any, error) {
	status, text, err := t.Server.ask(t.Authority, form)
	if err != nil {
		return nil, err
	}
	if status == http.StatusOK {
		answer := map[string]any{}
		return answer, json.Unmarshal(text, &answer)
	}
	var body struct {
		Error       string
		Codes       []int  `json:"error_codes"`
		Description string `json:"error_description"`
	}
	if err := json.Unmarshal(text, &body); err != nil || len(body.Codes) == 0 {
		return nil, fmt.Errorf("the token endpoint answered %d: %s", status, text)
	}
	explanation := t.Server.explain(body.Codes[0])
	return nil, &Refused{
		Code:        body.Codes[0],
		OAuthError:  body.Error,
		Description: body.Description,
		Body:        text,
		Cause:       section(explanation, "Why"),
		Remedy:      section(explanation, "What to do"),
		who:         cmp.Or(form.Get("username"), form.Get("client_id")),
	}
}

// section is a paragraph of `ropeway explain`, in one line.
func section(explanation, title string) string {
	found := regexp.MustCompile(`(?m)^` + title + ` (.*\n(?: .*\n)*)`).FindStringSubmatch(explanation)
	if found == nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(found[1]), " ")
}

// UserName is what a person of this tenant types to sign in: for mfa, mfa@ and the copy's domain. A name with an @ stays.
func (t *Tenant) UserName(user string) string {
	t.t.Helper()
	if strings.Contains(user, "@") {
		return user
	}
	var users struct {
		Value []struct{ UserPrincipalName, UserType, Mail string }
	}
	t.control(http.MethodGet, "users?top=1000", nil, &users)
	known, found := []string{}, ""
	for _, one := range users.Value {
		name := one.UserPrincipalName
		if one.UserType == "Guest" && one.Mail != "" {
			name = one.Mail // a guest signs in by the address that it was invited with
		}
		before, domain, _ := strings.Cut(name, "@")
		known = append(known, before)
		// The default domain wins: a guest may be called like a member.
		if strings.EqualFold(before, user) && (found == "" || domain == t.Domain) {
			found = name
		}
	}
	if found == "" {
		t.t.Fatalf("the tenant has no user %s; it has %s", user, strings.Join(known, ", "))
	}
	return found
}

// Advance lets time pass in this tenant.
func (t *Tenant) Advance(time time.Duration) {
	t.t.Helper()
	t.control(http.MethodPost, "clock/advance", map[string]int64{"seconds": int64(time.Seconds())}, nil)
}

// ChangeUser changes a user by Graph's property names.
func (t *Tenant) ChangeUser(user string, changes map[string]any) {
	t.t.Helper()
	t.control(http.MethodPatch, "users/"+url.PathEscape(t.UserName(user)), changes, nil)
}

// Control calls the control API below this tenant, as [Server.Control] does: Control("GET", "signIns", nil, &answer).
func (t *Tenant) Control(method, path string, body, answer any) error {
	return t.Server.Control(method, "tenants/"+t.ID+"/"+path, body, answer)
}

func (t *Tenant) control(method, path string, body, answer any) {
	t.t.Helper()
	if err := t.Control(method, path, body, answer); err != nil {
		t.t.Fatal(err)
	}
}

// Client is an HTTP client that trusts the server as well as the system's roots.
func (t *Tenant) Client() *http.Client {
	return t.Server.client
}

// Setenv sets, until the end of the test, what azidentity's DefaultAzureCredential reads to be the sample's Nightly job in
// this tenant.
func (t *Tenant) Setenv() {
	t.t.Helper()
	for name, value := range map[string]string{
		"AZURE_AUTHORITY_HOST": t.Server.Origin,
		"AZURE_TENANT_ID":      t.ID,
		"AZURE_CLIENT_ID":      NightlyJob,
		"AZURE_CLIENT_SECRET":  NightlyJobSecret,
	} {
		t.t.Setenv(name, value)
	}
}
