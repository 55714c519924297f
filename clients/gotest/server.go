package ropewaytest

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
)

// Server is a running server.
type Server struct {
	// Origin is what every URL of it begins with.
	Origin string
	// CAFile is the server's CA alone, in PEM.
	CAFile string
	// CABundleFile is the server's CA and the system's roots, in PEM.
	CABundleFile string

	ready    ready
	client   *http.Client
	lifeline io.Closer // kept, because a pipe that nothing refers to is closed
}

type ready struct {
	Origin, CAFile, CABundleFile, ControlKey string
	Tenants                                  []struct{ TenantID string }
}

func (s *Server) connect() error {
	s.Origin, s.CAFile, s.CABundleFile = s.ready.Origin, s.ready.CAFile, s.ready.CABundleFile
	pem, err := os.ReadFile(s.CABundleFile)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	s.client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	return nil
}

// On443 says whether a client that drops the port from an authority still finds the server.
func (s *Server) On443() bool {
	origin, err := url.Parse(s.Origin)
	return err == nil && origin.Port() == ""
}

// Note says what is not possible here and what would help, for a person; nothing if everything is possible.
func (s *Server) Note() string {
	if s.On443() {
		return ""
	}
	return "ropeway listens at " + s.Origin + ".\n" + without443
}

const without443 = `Clients in Go work with any port. MSAL Python, and azure-identity for Python and az with it, cannot use the password
grant here: they ask for the user realm on port 443, whatever the port of the authority. On Linux this gives port 443 to
everybody: sudo sysctl -w net.ipv4.ip_unprivileged_port_start=443`

// Copy is a copy of a tenant, named by id or domain, else of the first one that the server serves. It is dropped at the
// end of the test.
func (s *Server) Copy(t testing.TB, from string) *Tenant {
	t.Helper()
	if from == "" {
		from = s.ready.Tenants[0].TenantID
	}
	var made struct {
		TenantID string
		Domains  []string
	}
	if err := s.Control(http.MethodPost, "tenants", map[string]string{"from": from}, &made); err != nil {
		t.Fatal(err)
	}
	tenant := &Tenant{ID: made.TenantID, Domain: made.Domains[0], Authority: s.Origin + "/" + made.TenantID, Server: s, t: t}
	t.Cleanup(func() {
		if err := s.Control(http.MethodDelete, "tenants/"+tenant.ID, nil, nil); err != nil {
			t.Error(err)
		}
	})
	return tenant
}

// Control calls the control API: a path below /_ropeway/api/v1/, a body unless it is nil, and the answer into what
// `answer` points to unless that is nil.
func (s *Server) Control(method, path string, body, answer any) error {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		sent = bytes.NewReader(text)
	}
	request, err := http.NewRequest(method, s.Origin+"/_ropeway/api/v1/"+path, sent)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+s.ready.ControlKey)
	request.Header.Set("Content-Type", "application/json")
	status, text, err := read(s.client.Do(request))
	switch {
	case err != nil:
		return err
	case status >= 400:
		return fmt.Errorf("%s %s was answered %d: %s", method, path, status, text)
	case answer == nil:
		return nil
	}
	return json.Unmarshal(text, answer)
}

// ask posts a form to the tenant's token endpoint.
func (s *Server) ask(authority string, form url.Values) (int, []byte, error) {
	return read(s.client.PostForm(authority+"/oauth2/v2.0/token", form))
}

// explain is the text of `ropeway explain`; nothing if it cannot be had.
func (s *Server) explain(code int) string {
	_, text, err := read(s.client.Get(fmt.Sprintf("%s/error?code=%d", s.Origin, code)))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text)) + "\n"
}

func read(response *http.Response, err error) (int, []byte, error) {
	if err != nil {
		return 0, nil, fmt.Errorf("ropeway does not answer: %w", err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, text, err
}
