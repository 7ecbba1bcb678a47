//go:build integration

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"tidemark/connectors/tlstest"
)

// speakTLS gives a PostgreSQL a certificate and has it refuse who does not use TLS.
func (s *server) speakTLS(t *testing.T, c *tlstest.Server) {
	t.Helper()
	who := unprivileged(t, s.dir)
	for name, text := range map[string][]byte{"server.crt": c.Cert, "server.key": c.Key} {
		path := filepath.Join(s.dir, "data", name) // where it looks
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if who != nil {
			if err := os.Chown(path, int(who.Credential.Uid), int(who.Credential.Gid)); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.psql(t, "tidemark", "ALTER SYSTEM SET ssl = on")
	rules := filepath.Join(s.dir, "data", "pg_hba.conf")
	text, err := os.ReadFile(rules)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(rules, []byte(strings.ReplaceAll(string(text), "\nhost ", "\nhostssl ")), 0o600); err != nil {
		t.Fatal(err)
	}
	s.stop(t)
	s.start(t)
	s.psql(t, "tidemark", "SELECT 1") // waits until it lets someone in
}

// TestIntegrationPostgresTLS writes and looks up over TLS, with a certificate that is
// checked, and has what cannot be trusted be refused at once and in words that help.
func TestIntegrationPostgresTLS(t *testing.T) {
	s := startPostgres(t)
	dir := t.TempDir()
	password := filepath.Join(dir, "password")
	if err := os.WriteFile(password, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	bed := func(options ...string) *sinkBed {
		b := &sinkBed{connector: "postgres", options: map[string]string{"host": "127.0.0.1", "port": strconv.Itoa(s.port), "database": "tidemark", "user": "tidemark", "password": "file:" + password},
			run: func(t testing.TB, statements string) string { t.Helper(); return s.psql(t, "tidemark", statements) }}
		for i := 0; i < len(options); i += 2 {
			b.options[options[i]] = options[i+1]
		}
		return b
	}
	fill := "CREATE TABLE seen (user_id STRING PRIMARY KEY, n BIGINT) WITH (); INSERT INTO seen VALUES ('a', 1)"
	where := fmt.Sprintf("database 'tidemark' at 127.0.0.1:%d", s.port)
	refused(t, bed("sslmode", "require").script(fill), where+" does not speak TLS")

	c := tlstest.New(t)
	s.speakTLS(t, c)
	trusted := bed("sslmode", "verify-full", "sslrootcert", c.CA)
	t.Run("upsert", trusted.testUpsert)
	t.Run("marks", trusted.testMarks)
	t.Run("command", trusted.testCommand) // also looks up
	t.Run("url", func(t *testing.T) {
		b := bed()
		b.options = map[string]string{"url": fmt.Sprintf("postgres://tidemark@127.0.0.1:%d/tidemark?sslmode=verify-full&sslrootcert=%s", s.port, c.CA), "password": "file:" + password}
		output(t, program(t, "tidemark"), "run", "-q", "-e", b.script(strings.ReplaceAll(fill, "seen", "by_url")))
		trusted.expect(t, "SELECT user_id, n FROM by_url", "a|1")
	})
	t.Run("refused", func(t *testing.T) {
		other := tlstest.New(t).CA
		for mode, want := range map[string]string{"verify-full": "unknown authority", "verify-ca": "unknown authority", "require": "unknown authority"} {
			refused(t, bed("sslmode", mode, "sslrootcert", other).script(fill), where+": its certificate is not to be trusted: x509: certificate signed by "+want)
		}
		refused(t, bed("sslmode", "verify-full").script(fill), where+": its certificate is not to be trusted: x509: certificate signed by unknown authority")
		refused(t, bed("sslmode", "verify-full", "sslrootcert", c.CA, "host", "localhost").script(fill), "its certificate is not to be trusted: x509: certificate is not valid for any names, but wanted to match localhost")
		refused(t, bed("sslmode", "verify-full", "sslrootcert", filepath.Join(dir, "none")).script(fill), "none' cannot be read: no such file or directory")
		refused(t, bed("sslmode", "verify-full", "sslrootcert", password).script(fill), "has no certificates")
		refused(t, bed("sslmode", "disable").script(fill), "does not let 'tidemark' in: no pg_hba.conf entry")
		wrong := filepath.Join(dir, "wrong")
		if err := os.WriteFile(wrong, []byte("secret-but-wrong"), 0o600); err != nil {
			t.Fatal(err)
		}
		refused(t, bed("sslmode", "verify-full", "sslrootcert", c.CA, "password", "file:"+wrong).script(fill), "does not let 'tidemark' in: password authentication failed")
	})
	t.Run("name not checked", func(t *testing.T) {
		output(t, program(t, "tidemark"), "run", "-q", "-e", bed("sslmode", "verify-ca", "sslrootcert", c.CA, "host", "localhost").script(strings.ReplaceAll(fill, "seen", "by_name")))
	})
}

// TestIntegrationRedisTLS writes over TLS, with a certificate that is checked, and has what
// cannot be trusted be refused.
func TestIntegrationRedisTLS(t *testing.T) {
	c := tlstest.New(t)
	s := startRedis(t, c)
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	bed := func(scheme, ca string) *redisBed {
		options := map[string]string{"url": fmt.Sprintf("%s://127.0.0.1:%d", scheme, s.port), "password": "file:" + password}
		if ca != "" {
			options["tls_ca"] = ca
		}
		return &redisBed{server: s, sinkBed: sinkBed{connector: "redis", options: options}}
	}
	trusted := bed("rediss", c.CA)
	t.Run("upsert", trusted.testUpsert)
	t.Run("restart", trusted.testRestart)
	fill := "CREATE TABLE seen (user_id STRING PRIMARY KEY, n BIGINT) WITH (); INSERT INTO seen VALUES ('a', 1)"
	output(t, program(t, "tidemark"), "run", "-q", "-e", trusted.script(fill))
	trusted.expect(t, "1", "HGET", "seen:a", "n")
	where := fmt.Sprintf("Redis at 127.0.0.1:%d: ", s.port)
	const unknown = "its certificate is not to be trusted: x509: certificate signed by unknown authority"
	refused(t, bed("rediss", "").script(fill), where+unknown)
	refused(t, bed("rediss", tlstest.New(t).CA).script(fill), where+unknown)
	refused(t, bed("rediss", password).script(fill), "has no certificates")
	refused(t, bed("redis", c.CA).script(fill), "tls_ca does nothing without TLS")
}
