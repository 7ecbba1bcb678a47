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
var shared = sync.OnceValues(func() (*Server, error) { return Start() })

// Server is a Kafka of one node.
type Server struct {
	// Brokers is its address.
	Brokers string
	// Secure is the address at which it speaks TLS and asks who is there; empty where it
	// does not.
	Secure string

	cmd        *exec.Cmd
	input      io.WriteCloser // its end is what ends the server
	output     *bufio.Reader
	complaints *strings.Builder
}

// Start starts a server of its own, with Java and, at the first time, Maven. It ends with
// Stop and with this process, and leaves nothing behind. What is set beside the
// environment, such as KAFKA_TLS_PEM=path, is told in the script that it runs.
func Start(set ...string) (*Server, error) {
	s := &Server{cmd: exec.Command(script()), complaints: &strings.Builder{}}
	s.cmd.Env = append(os.Environ(), set...)
	s.cmd.Stderr = s.complaints
	var err error
	if s.input, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	output, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.output = bufio.NewReader(output)
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	return s, s.ready()
}

// ready waits until the server answers.
func (s *Server) ready() error {
	line, _ := s.output.ReadString('\n')
	brokers, ok := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	if !ok {
		s.Stop()
		return errors.New(strings.TrimSpace(s.complaints.String()))
	}
	s.Brokers, s.Secure, _ = strings.Cut(brokers, " ")
	return nil
}

// Kill kills the server; Revive starts it again with the same address and data, and
// returns when it answers.
func (s *Server) Kill() error { return s.tell("stop") }

// Revive starts a killed server.
func (s *Server) Revive() error {
	if err := s.tell("start"); err != nil {
		return err
	}
	return s.ready()
}

func (s *Server) tell(word string) error {
	_, err := io.WriteString(s.input, word+"\n")
	return err
}

// Stop ends the server at once and for good.
func (s *Server) Stop() {
	s.input.Close()
	s.cmd.Wait()
}

// script returns the path of the program that serves.
func script() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", "..", ".ci", "kafka", "serve")
}
