package ropewaytest_test

import (
	"bufio"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"ropeway.test/ropewaytest"
)

// child runs one test of this program in a process of its own.
func child(t *testing.T, name string, environment ...string) *exec.Cmd {
	t.Helper()
	command := exec.Command(os.Args[0], "-test.v", "-test.run=^"+name+"$")
	command.Env = append(append(os.Environ(), "ROPEWAYTEST_CHILD=1"), environment...)
	return command
}

// onlyAsChild skips what makes sense in such a process alone.
func onlyAsChild(t *testing.T) {
	t.Helper()
	if os.Getenv("ROPEWAYTEST_CHILD") == "" {
		t.SkipNow()
	}
}

func TestChildAsks(t *testing.T) {
	onlyAsChild(t)
	tenant := ropewaytest.New(t)
	t.Log("domain", tenant.Domain)
	tenant.Token("cloud")
}

func TestChildIsRefused(t *testing.T) {
	onlyAsChild(t)
	ropewaytest.New(t).Token("newmfa")
}

func TestChildAsksForNobody(t *testing.T) {
	onlyAsChild(t)
	ropewaytest.New(t).Token("clod")
}

func TestChildWaits(t *testing.T) {
	onlyAsChild(t)
	os.Stdout.WriteString("\norigin " + ropewaytest.Start(t).Origin + "\n")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	wrong := filepath.Join(t.TempDir(), "wrong.yaml")
	if err := os.WriteFile(wrong, []byte("tenants: [{ displayNam: Mine }]"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name, test, variable string
		says                 []string
	}{
		{"no binary", "TestChildAsks", "ROPEWAY_BIN=/nowhere/ropeway",
			[]string{"ROPEWAY_BIN names /nowhere/ropeway, which is no program; `cargo install"}},
		{"a wrong file", "TestChildAsks", "ROPEWAY_TENANT_FILE=" + wrong,
			[]string{"ropeway did not get ready; it said:", "displayNam"}},
		{"a refusal", "TestChildIsRefused", "", []string{
			"session_test.go:", "got no token: AADSTS50079: ", "cause: The password is right", "remedy: Sign in once"}},
		{"a name", "TestChildAsksForNobody", "", []string{"the tenant has no user clod; it has cloud, guest, "}},
	} {
		t.Run(row.name, func(t *testing.T) {
			output, err := child(t, row.test, row.variable).CombinedOutput()

			if err == nil {
				t.Error("the test passed")
			}
			for _, part := range row.says {
				if !strings.Contains(string(output), part) {
					t.Errorf("it does not say %q but:\n%s", part, output)
				}
			}
		})
	}
}

func TestATenantFileOfOnesOwnIsServed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tenant.yaml")
	tenant := `tenants: [{ displayName: Mine, verifiedDomains: [{ name: mine.test, isDefault: true }] }]`
	if err := os.WriteFile(file, []byte(tenant), 0o600); err != nil {
		t.Fatal(err)
	}

	output, _ := child(t, "TestChildAsks", "ROPEWAY_TENANT_FILE="+file).CombinedOutput()

	if !regexp.MustCompile(`domain [0-9a-f]{8}\.mine\.test\n`).Match(output) {
		t.Errorf("%s", output)
	}
}

func TestWithoutPort443ItSaysWhoCannotSignIn(t *testing.T) {
	output, err := child(t, "TestChildAsks", "ROPEWAY_LISTEN=127.0.0.1:0").CombinedOutput()

	if err != nil || !regexp.MustCompile(`ropeway listens at https://localhost:\d+\.\n.*MSAL Python`).Match(output) {
		t.Errorf("%v: %s", err, output)
	}
}

func TestTheServerEndsWithTheProcess(t *testing.T) {
	for _, killed := range []bool{false, true} {
		process := child(t, "TestChildWaits")
		input, err := process.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		output, err := process.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := process.Start(); err != nil {
			t.Fatal(err)
		}
		connection, address := dial(t, output)

		if killed {
			process.Process.Kill()
		} else {
			io.WriteString(input, "go on\n")
		}
		if err := process.Wait(); (err != nil) != killed {
			t.Errorf("killed %v: %v", killed, err)
		}

		connection.SetDeadline(time.Now().Add(time.Minute))
		if _, err := connection.Read(make([]byte, 1)); err == nil || os.IsTimeout(err) {
			t.Errorf("killed %v: the connection stays", killed)
		}
		// The port may be closed a moment after the connection.
		for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) {
			open, err := net.Dial("tcp", address)
			if err != nil {
				break
			}
			open.Close()
			if time.Since(begun) > time.Minute {
				t.Fatalf("killed %v: the server is still there", killed)
			}
		}
	}
}

// dial connects to the server that the process talks of.
func dial(t *testing.T, output io.Reader) (net.Conn, string) {
	t.Helper()
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if told, found := strings.CutPrefix(lines.Text(), "origin "); found {
			origin, err := url.Parse(told)
			if err != nil {
				t.Fatal(err)
			}
			address := origin.Host
			if origin.Port() == "" {
				address += ":443"
			}
			connection, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			return connection, address
		}
	}
	t.Fatal("it tells no origin")
	return nil, ""
}

func TestTheReadmeIsRight(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	snippet := regexp.MustCompile("(?s)### go test\n.*?```go\n(.*?)```").FindSubmatch(readme)
	if snippet == nil {
		t.Fatal("the README has no example for Go")
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for name, content := range map[string]string{
		"snippet_test.go": string(snippet[1]),
		"go.mod": "module snippet\n\ngo 1.22\n\nrequire ropeway.test/ropewaytest v0.0.0\n\n" +
			"replace ropeway.test/ropewaytest => " + here + "\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command("go", "test", "-v", "./...")
	command.Dir = folder

	output, err := command.CombinedOutput()

	if err != nil || !strings.Contains(string(output), "--- PASS: TestPasswordsExpire") {
		t.Errorf("%v: %s", err, output)
	}
}
