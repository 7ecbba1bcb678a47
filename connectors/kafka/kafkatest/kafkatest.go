// Package kafkatest runs a real Apache Kafka for tests.
package kafkatest

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// Brokers returns the addresses of a real Kafka, as the option brokers has them: those in
// the environment variable KAFKA_BROKERS, or else of a server that is started once for
// the tests of a package and ends with them. A test whose server cannot be started fails.
func Brokers(t testing.TB) string {
	t.Helper()
	if given := os.Getenv("KAFKA_BROKERS"); given != "" {
		return given
	}
	s, err := shared()
	if err != nil {
		t.Fatalf("this test needs a real Kafka; name one by KAFKA_BROKERS, or mend what keeps it from being started: %v", err)
	}
	return s.Brokers
}

// shared starts the server of all tests of a package.
var shared = sync.OnceValues(Start)

// Server is a Kafka of one node.
type Server struct {
	// Brokers is its address.
	Brokers string

	cmd   *exec.Cmd
	input io.Closer // its end is what ends the server
}

// Start starts a server of its own, with Java and, at the first time, Maven. It ends with
// Stop and with this process, and leaves nothing behind.
func Start() (*Server, error) {
	cmd := exec.Command(script())
	var complaints strings.Builder
	cmd.Stderr = &complaints
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &Server{cmd: cmd, input: input}
	line, _ := bufio.NewReader(output).ReadString('\n')
	brokers, ok := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	if !ok {
		s.Stop()
		return nil, errors.New(strings.TrimSpace(complaints.String()))
	}
	s.Brokers = brokers
	return s, nil
}

// Stop ends the server at once.
func (s *Server) Stop() {
	s.input.Close()
	s.cmd.Wait()
}

// script returns the path of the program that serves.
func script() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", "..", ".ci", "kafka", "serve")
}
