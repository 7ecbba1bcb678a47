package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// process is a running tidemark.
type process struct {
	*exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	stderr bytes.Buffer
}

// start starts tidemark, which TestMain has put into the PATH.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command("tidemark", args...)}
	p.Env = withoutTidemark(os.Environ())
	p.Stderr = &p.stderr
	stdin, err := p.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdin, p.stdout = stdin, bufio.NewReader(stdout)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	stuck := time.AfterFunc(30*time.Second, func() { p.Process.Kill() })
	t.Cleanup(func() {
		stuck.Stop()
		p.Process.Kill() // in vain unless the test has failed
	})
	return p
}

// line returns the next line of the results.
func (p *process) line(t *testing.T) string {
	t.Helper()
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		t.Fatalf("reading results: %v\n%s", err, &p.stderr)
	}
	return strings.TrimSuffix(line, "\n")
}

// end waits for the process and returns its exit code and the results left over.
func (p *process) end(t *testing.T) (code int, rest string) {
	t.Helper()
	left, err := io.ReadAll(p.stdout)
	if err != nil {
		t.Fatal(err)
	}
	err = p.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return p.ProcessState.ExitCode(), string(left)
}

// clicksOnStdin is drop.sql reading standard input.
func clicksOnStdin(args ...string) []string {
	script := filepath.Join("..", "..", "queries", "clicks", "drop.sql")
	return append(append([]string{"run", "-D", "input=-"}, args...), script)
}

func signalBothWays(t *testing.T, test func(t *testing.T, sig syscall.Signal)) {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) { test(t, sig) })
	}
}

// TestStopWhileReadingPipe stops a run that waits for more rows. What was read
// has been emitted or counts; windows that are open are not closed by force.
func TestStopWhileReadingPipe(t *testing.T) {
	signalBothWays(t, func(t *testing.T, sig syscall.Signal) {
		clicks, err := os.ReadFile(filepath.Join("..", "..", "queries", "clicks", "clicks.csv"))
		if err != nil {
			t.Fatal(err)
		}
		p := start(t, clicksOnStdin("-o", "csv")...)
		if _, err := io.WriteString(p.stdin, string(clicks)+"\n"); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"window_start,user_id,sum_amount", "2026-01-05T10:00:00Z,A,7.00", "2026-01-05T10:00:00Z,B,3.00"} {
			if got := p.line(t); got != want {
				t.Fatalf("got %q, want %q", got, want)
			}
		}
		if err := p.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		code, rest := p.end(t)
		if code != 0 {
			t.Errorf("exit code %d, want 0: stopping is the only end a pipe may have\n%s", code, &p.stderr)
		}
		if rest != "" {
			t.Errorf("windows that are open were emitted:\n%s", rest)
		}
		for _, want := range []string{"interrupted", "7 read = 6 used + 0 filtered + 1 late"} {
			if !strings.Contains(p.stderr.String(), want) {
				t.Errorf("the summary lacks %q:\n%s", want, &p.stderr)
			}
		}
	})
}

// TestStopBoundedRun stops a run whose end was known: it has been cut short, and
// the exit code says so.
func TestStopBoundedRun(t *testing.T) {
	signalBothWays(t, func(t *testing.T, sig syscall.Signal) {
		p := start(t, "run", "-o", "csv", "-e",
			"CREATE STREAM g (id BIGINT) WITH (connector = 'datagen', rows = '1000000000', rate = '100'); SELECT id FROM g")
		p.line(t)
		p.line(t)
		if err := p.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		code, _ := p.end(t)
		if want := 128 + int(sig); code != want {
			t.Errorf("exit code %d, want %d\n%s", code, want, &p.stderr)
		}
		if !strings.Contains(p.stderr.String(), "interrupted") {
			t.Errorf("the summary does not say that the run was interrupted:\n%s", &p.stderr)
		}
	})
}

// TestSecondSignalEndsAtOnce stops a run that cannot end well because nobody
// takes its results.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	signalBothWays(t, func(t *testing.T, sig syscall.Signal) {
		p := start(t, "run", "-q", "-o", "csv", "-e",
			"CREATE STREAM g (id BIGINT) WITH (connector = 'datagen', rows = '1000000000'); SELECT id FROM g")
		p.line(t) // it is running; then its pipe fills up
		done := make(chan error, 1)
		go func() { done <- p.Wait() }()
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				if code, want := p.ProcessState.ExitCode(), 128+int(sig); code != want {
					t.Errorf("exit code %d, want %d\n%s", code, want, &p.stderr)
				}
				return
			case <-tick.C:
				p.Process.Signal(sig)
			}
		}
	})
}
