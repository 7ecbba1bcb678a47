//go:build integration

package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"tidemark/connectors/tlstest"
)

// freePort returns a port that nobody listens on.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// answers waits until something listens on a port; that nothing does fails the test.
func answers(t testing.TB, port int, log string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", "127.0.0.1:"+strconv.Itoa(port))
		if err == nil {
			c.Close()
			return
		}
		<-time.After(10 * time.Millisecond)
	}
	text, _ := os.ReadFile(log)
	t.Errorf("nothing listens on port %d:\n%s", port, text)
}

// server is a program of another that a test has started.
type server struct {
	port int
	dir  string
	// start starts it, with what it had, and waits until it answers; stop ends it at
	// once, as a crash would.
	start, stop func(t testing.TB)
	// client is what redis-cli takes to reach it.
	client []string
}

// restart ends the server at once, starts it again in the background, and returns what
// waits for that.
func (s *server) restart(t testing.TB) (back func()) {
	t.Helper()
	s.stop(t)
	done := make(chan struct{})
	go func() { defer close(done); s.start(t) }()
	return func() { <-done }
}

// unprivileged is who a server is run as, which refuses to be run by root; nil is
// whoever runs the test.
func unprivileged(t testing.TB, dir string) *syscall.SysProcAttr {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(dir, uid, gid); err != nil {
		t.Fatal(err)
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

// serverFolder returns a folder that is gone after the test.
func serverFolder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "tidemark")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// background starts a server and returns what ends it and waits for that.
func background(t testing.TB, cmd *exec.Cmd, log string) func() {
	t.Helper()
	out, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err == nil {
		defer out.Close()
		cmd.Stdout, cmd.Stderr = out, out
		err = cmd.Start()
	}
	if err != nil {
		t.Error(err)
		return func() {}
	}
	return func() {
		cmd.Process.Signal(syscall.SIGQUIT)
		cmd.Wait()
	}
}

// postgresProgram finds a program of PostgreSQL, also where Debian puts it.
func postgresProgram(t testing.TB, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) == 0 {
		t.Fatalf("this test needs the program %s of PostgreSQL, which is not installed", name)
	}
	slices.Sort(found)
	return found[len(found)-1]
}

// startPostgres starts a PostgreSQL of its own for the test, with a database and a user
// that are both called tidemark; its password is secret.
func startPostgres(t testing.TB) *server {
	t.Helper()
	initdb, postgres := postgresProgram(t, "initdb"), postgresProgram(t, "postgres")
	s := &server{port: freePort(t), dir: serverFolder(t)}
	who := unprivileged(t, s.dir)
	password := filepath.Join(s.dir, "password")
	if err := os.WriteFile(password, []byte("secret\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	files, log := filepath.Join(s.dir, "data"), filepath.Join(s.dir, "log")
	cmd := exec.Command(initdb, "-D", files, "-U", "tidemark", "--pwfile", password, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "-N")
	cmd.Dir, cmd.SysProcAttr = s.dir, who
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	end := func() {}
	s.start = func(t testing.TB) {
		t.Helper()
		cmd := exec.Command(postgres, "-D", files, "-p", strconv.Itoa(s.port), "-h", "127.0.0.1", "-k", "", "-c", "fsync=off")
		cmd.Dir, cmd.SysProcAttr = s.dir, who
		end = background(t, cmd, log)
		answers(t, s.port, log)
	}
	s.stop = func(testing.TB) { end(); end = func() {} }
	t.Cleanup(func() { s.stop(t) })
	s.start(t)
	s.psql(t, "postgres", "CREATE DATABASE tidemark")
	return s
}

// psql runs statements and returns the rows, values separated by |.
func (s *server) psql(t testing.TB, database, statements string) string {
	t.Helper()
	program := postgresProgram(t, "psql")
	var out []byte
	var err error
	for range 600 {
		cmd := exec.Command(program, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", strconv.Itoa(s.port), "-U", "tidemark", "-d", database, "-c", statements)
		cmd.Env = append(os.Environ(), "PGPASSWORD=secret")
		if out, err = cmd.CombinedOutput(); err == nil {
			return strings.TrimSuffix(string(out), "\n")
		}
		if !strings.Contains(string(out), "the database system is ") { // starting up, in recovery
			break
		}
		<-time.After(50 * time.Millisecond)
	}
	t.Fatalf("psql: %v\n%s", err, out)
	return ""
}

// startRedis starts a Redis of its own for the test; its password is secret. It speaks TLS
// alone if there is a certificate.
func startRedis(t testing.TB, c *tlstest.Server) *server {
	t.Helper()
	redis := program(t, "redis-server")
	s := &server{port: freePort(t), dir: serverFolder(t)}
	listen := []string{"--port", strconv.Itoa(s.port)}
	s.client = []string{"-p", strconv.Itoa(s.port), "--no-auth-warning", "-a", "secret"}
	if c != nil {
		listen = []string{"--port", "0", "--tls-port", strconv.Itoa(s.port), "--tls-ca-cert-file", c.CA, "--tls-auth-clients", "no"}
		for option, text := range map[string][]byte{"--tls-cert-file": c.Cert, "--tls-key-file": c.Key} {
			path := filepath.Join(s.dir, option[2:])
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Fatal(err)
			}
			listen = append(listen, option, path)
		}
		s.client = append(s.client, "--tls", "--cacert", c.CA)
	}
	log, end := filepath.Join(s.dir, "log"), func() {}
	s.start = func(t testing.TB) {
		t.Helper()
		cmd := exec.Command(redis, append(listen, "--bind", "127.0.0.1", "--dir", s.dir, "--requirepass", "secret", "--appendonly", "yes", "--appendfsync", "always", "--save", "")...)
		end = background(t, cmd, log)
		answers(t, s.port, log)
	}
	s.stop = func(testing.TB) { end(); end = func() {} }
	t.Cleanup(func() { s.stop(t) })
	s.start(t)
	return s
}

// redis runs a command and returns what redis-cli prints.
func (s *server) redis(t testing.TB, args ...string) string {
	t.Helper()
	cmd := exec.Command(program(t, "redis-cli"), append(slices.Clone(s.client), args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("redis-cli %v: %v\n%s", args, err, out)
	}
	return strings.TrimSuffix(string(out), "\n")
}

// url is the address of a PostgreSQL server.
func (s *server) url() string {
	return fmt.Sprintf("postgres://tidemark@127.0.0.1:%d/tidemark", s.port)
}
