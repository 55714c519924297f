// Package clients drives Microsoft's Go libraries, unmodified, against the ropeway binary.
package clients

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const longestStart = time.Minute // a debug build on a busy machine

// ropeway is the one server of the whole run.
var ropeway *server

// server is a running `ropeway serve` with the sample tenant, in a home of its own.
type server struct {
	Origin       string
	CaBundleFile string
	ControlKey   string

	registered certificate

	binary  string
	home    string
	process *exec.Cmd
}

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	home, err := os.MkdirTemp("", "ropeway-go-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(home)
	ropeway = &server{home: home}
	defer ropeway.stop()
	if err := ropeway.start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	// Go reads it once, at the first certificate that it looks at.
	os.Setenv("SSL_CERT_FILE", ropeway.CaBundleFile)
	if err := ropeway.register(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// authority is the sample tenant's.
func (s *server) authority() string {
	return s.Origin + "/" + tenant
}

// env is what `ropeway env` tells a person who asks.
func (s *server) env() (map[string]string, error) {
	text, err := s.command("env", "--format", "json", "--origin", s.Origin).Output()
	if err != nil {
		return nil, err
	}
	variables := map[string]string{}
	return variables, json.Unmarshal(text, &variables)
}

func (s *server) start() error {
	binary, err := binary()
	if err != nil {
		return err
	}
	s.binary = binary
	readyFile, logFile := filepath.Join(s.home, "ready.json"), filepath.Join(s.home, "log")
	log, err := os.Create(logFile)
	if err != nil {
		return err
	}
	defer log.Close()
	process := s.command("serve", "--listen", "127.0.0.1:0", "--ready-file", readyFile)
	process.Stderr = log
	output, err := process.StdoutPipe()
	if err != nil {
		return err
	}
	if err := process.Start(); err != nil {
		return err
	}
	s.process = process
	// The ready line is the only one on standard output, so reading it is waiting without polling.
	tooLate := time.AfterFunc(longestStart, func() { process.Process.Kill() })
	line, _ := bufio.NewReader(output).ReadString('\n')
	tooLate.Stop()
	if !strings.HasPrefix(line, "ready ") {
		said, _ := os.ReadFile(logFile)
		return fmt.Errorf("ropeway did not get ready; it said:\n%s", said)
	}
	ready, err := os.ReadFile(readyFile)
	if err != nil {
		return err
	}
	return json.Unmarshal(ready, s)
}

func (s *server) stop() {
	if s.process != nil {
		s.process.Process.Signal(syscall.SIGTERM)
		s.process.Wait()
	}
}

func (s *server) command(arguments ...string) *exec.Cmd {
	command := exec.Command(s.binary, arguments...)
	command.Env = append(os.Environ(), "ROPEWAY_HOME="+filepath.Join(s.home, "data"), "XDG_RUNTIME_DIR="+s.home)
	return command
}

func binary() (string, error) {
	path := os.Getenv("ROPEWAY_BIN")
	if path == "" {
		path = "../../target/debug/ropeway"
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("%s is not there; `cargo build -p ropeway` makes it", path)
	}
	return path, nil
}
