// Package ropewaytest gives every Go test a Microsoft Entra ID test tenant of its own.
//
//	func TestMyAPI(t *testing.T) {
//		tenant := ropewaytest.New(t)
//		token := tenant.Token("cloud")
//		…
//	}
//
// The ropeway binary, found by ROPEWAY_BIN or on the PATH, starts with the first test that asks for a tenant and ends
// with the process, however that ends. ROPEWAY_TENANT_FILE names a tenant file to serve instead of the built-in sample,
// ROPEWAY_LISTEN an address.
//
// On Linux every client that brings no trust of its own trusts the server, by SSL_CERT_FILE. Go reads that at the first
// certificate it looks at: where code under test may look at one before the first tenant is there, and on other systems,
// give it the client of [Tenant.Client].
package ropewaytest

import (
	"os"
	"sync"
	"testing"
)

// New is a copy of the first tenant that the server serves, for this test alone, dropped at its end. A subtest wants its
// own: what fails, fails the test that the tenant was made for.
func New(t testing.TB) *Tenant {
	t.Helper()
	return Start(t).Copy(t, "")
}

// Start is the server of this process, started by the first call.
func Start(t testing.TB) *Server {
	t.Helper()
	started.Do(func() {
		running, startFault = start()
		if startFault != nil {
			return
		}
		os.Setenv("SSL_CERT_FILE", running.CABundleFile)
		if note := running.Note(); note != "" {
			os.Stderr.WriteString(note + "\n")
		}
	})
	if startFault != nil {
		t.Fatal(startFault)
	}
	return running
}

var (
	started    sync.Once
	running    *Server
	startFault error
)
