package ropewaytest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const longestStart = time.Minute // a debug build on a busy machine

// start runs `ropeway serve` and waits until it is ready.
func start() (*Server, error) {
	binary, err := binary()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "ropeway-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	readyFile, logFile := filepath.Join(folder, "ready.json"), filepath.Join(folder, "log")
	log, err := os.Create(logFile)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	command := exec.Command(binary, arguments(readyFile)...)
	command.Stderr = log
	// Its runtime file is kept from the person's own `ropeway env`, which looks for the server they started.
	command.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+folder)
	server := &Server{}
	// It reads its end from its standard input, so it cannot outlive this process.
	if server.lifeline, err = command.StdinPipe(); err != nil {
		return nil, err
	}
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	// The ready line is the only one on standard output, so reading it is waiting without polling.
	tooLate := time.AfterFunc(longestStart, func() { command.Process.Kill() })
	line, _ := bufio.NewReader(output).ReadString('\n')
	tooLate.Stop()
	if !strings.HasPrefix(line, "ready ") {
		command.Process.Kill()
		command.Wait()
		said, _ := os.ReadFile(logFile)
		return nil, fmt.Errorf("ropeway did not get ready; it said:\n%s", said)
	}
	ready, err := os.ReadFile(readyFile)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(ready, &server.ready); err != nil {
		return nil, fmt.Errorf("reading the ready file: %w", err)
	}
	return server, server.connect()
}

func arguments(readyFile string) []string {
	arguments := []string{"serve", "--stop-at-eof", "--ready-file", readyFile}
	if listen := os.Getenv("ROPEWAY_LISTEN"); listen != "" {
		arguments = append(arguments, "--listen", listen)
	} else {
		arguments = append(arguments, freeAddress()...)
	}
	if file := os.Getenv("ROPEWAY_TENANT_FILE"); file != "" {
		arguments = append(arguments, "--tenant", file)
	}
	return arguments
}

func binary() (string, error) {
	const hint = "`cargo install --path crates/cli` puts one there, or set ROPEWAY_BIN to the binary"
	named := os.Getenv("ROPEWAY_BIN")
	if named == "" {
		found, err := exec.LookPath("ropeway")
		if err != nil {
			return "", fmt.Errorf("there is no `ropeway` on the PATH; %s", hint)
		}
		return found, nil
	}
	found, err := exec.LookPath(named)
	if err != nil {
		return "", fmt.Errorf("ROPEWAY_BIN names %s, which is no program; %s", named, hint)
	}
	return found, nil
}

// freeAddress is a loopback address of its own with port 443 if this account may have one, else any free port.
func freeAddress() []string {
	for range 20 {
		address := fmt.Sprintf("127.%d.%d.%d", 1+rand.IntN(254), 1+rand.IntN(254), 1+rand.IntN(254))
		probe, err := net.Listen("tcp", address+":443")
		if err == nil {
			probe.Close()
			return []string{"--listen", address + ":443", "--origin", "https://" + address}
		}
	}
	return []string{"--listen", "127.0.0.1:0"}
}
