package clients

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"testing"
	"time"
)

// certificate is what a client proves itself with in place of a secret, with the key that it is of.
type certificate struct {
	key    crypto.PrivateKey
	parsed *x509.Certificate
}

// newCertificate makes a key and a certificate of it that it signed itself.
func newCertificate() (certificate, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return certificate{}, err
	}
	now := time.Now()
	template := x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: "Ropeway client test"},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		return certificate{}, err
	}
	parsed, err := x509.ParseCertificate(der)
	return certificate{key, parsed}, err
}

// stranger is a certificate that nobody is registered with.
func stranger(t *testing.T) certificate {
	t.Helper()
	made, err := newCertificate()
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// chain is the certificate as the libraries take it.
func (c certificate) chain() []*x509.Certificate {
	return []*x509.Certificate{c.parsed}
}

// register gives both confidential clients a certificate, beside their secrets, by the control API.
func (s *server) register() error {
	made, err := newCertificate()
	if err != nil {
		return err
	}
	s.registered = made
	key := base64.StdEncoding.EncodeToString(made.parsed.Raw)
	credential := map[string]string{"type": "AsymmetricX509Cert", "usage": "Verify", "key": key}
	body, err := json.Marshal(map[string]any{"keyCredentials": []any{credential}})
	if err != nil {
		return err
	}
	for _, client := range []string{legacyPortal, nightlyJob} {
		url := s.Origin + "/_ropeway/api/v1/tenants/" + tenant + "/applications/" + client
		request, err := http.NewRequest(http.MethodPatch, url, bytes.NewReader(body))
		if err != nil {
			return err
		}
		request.Header.Set("Authorization", "Bearer "+s.ControlKey)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("registering the certificate was answered %s", answer.Status)
		}
	}
	return nil
}
