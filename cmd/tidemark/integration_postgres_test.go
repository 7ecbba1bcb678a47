//go:build integration

package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"tidemark/connectors"
)

// TestIntegrationPostgres tests what PostgreSQL alone has.
func TestIntegrationPostgres(t *testing.T) {
	s := startPostgres(t)
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := &sinkBed{connector: "postgres", options: map[string]string{"url": s.url(), "password": "file:" + password},
		run: func(t testing.TB, statements string) string { t.Helper(); return s.psql(t, "tidemark", statements) }}
	for _, lost := range []string{"request", "answer"} {
		t.Run("lost "+lost, func(t *testing.T) { b.testLost(t, s, lost) })
	}
	t.Run("at once", b.testAtOnce)
	t.Run("given table", b.testGivenTable)
	t.Run("refused", func(t *testing.T) { b.testRefused(t, s) })
}

// lossy forwards connections to a server. When a client commits, it gives the
// connection up: before the server has heard of it, or before the client has.
type lossy struct {
	net.Listener
	to string

	mu   sync.Mutex
	lose string // "request", "answer" or "" for none; once
}

func startLossy(t *testing.T, s *server) *lossy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &lossy{Listener: l, to: "127.0.0.1:" + strconv.Itoa(s.port)}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { p.forward(c) })
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return p
}

func (p *lossy) forward(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", p.to)
	if err != nil {
		return
	}
	defer server.Close()
	var deaf sync.Once
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		buf := make([]byte, 1<<16)
		for {
			n, err := server.Read(buf)
			if err != nil {
				client.Close()
				return
			}
			if _, err := client.Write(buf[:n]); err != nil {
				return // the client is deaf: the server has answered
			}
		}
	}()
	buf := make([]byte, 1<<16)
	for {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		lose := ""
		if bytes.Contains(buf[:n], []byte("COMMIT\x00")) {
			p.mu.Lock()
			lose, p.lose = p.lose, ""
			p.mu.Unlock()
		}
		if lose == "request" {
			return
		}
		if lose == "answer" {
			deaf.Do(func() { client.Close() })
		}
		if _, err := server.Write(buf[:n]); err != nil {
			return
		}
		if lose == "answer" {
			<-answered
			return
		}
	}
}

// testLost has a connection be lost at a commit: no row is lost by it, and none is
// there twice.
func (b *sinkBed) testLost(t *testing.T, s *server, lost string) {
	ctx, table := context.Background(), "lost_"+lost
	p := startLossy(t, s)
	through := *b
	through.options = map[string]string{"url": fmt.Sprintf("postgres://tidemark@%s/tidemark?sslmode=disable", p.Addr()), "password": b.options["password"]}
	lose := func() {
		p.mu.Lock()
		p.lose = lost
		p.mu.Unlock()
	}
	alone := through.sink(t, table, sinkSchema, nil, nil)
	lose()
	mustWrite(t, alone, changes(t, "+I 1 a 1", "+I 2 b 2"))
	mustFlush(t, alone)
	mustWrite(t, alone, changes(t, "+I 3 c 3"))
	mustFlush(t, alone)
	b.expect(t, "SELECT id, count(*) FROM "+table+" GROUP BY id ORDER BY id", "1|1\n2|1\n3|1")

	ofJob := through.sink(t, table, sinkSchema, nil, suiteJob(table)).(connectors.Transactional)
	if _, err := ofJob.Marked(ctx); err != nil {
		t.Fatal(err)
	}
	lose()
	mustWrite(t, ofJob, changes(t, "+I 4 d 4"))
	mark := connectors.Mark{Checkpoint: 1, Rows: 1}
	if err := ofJob.CommitMarked(ctx, mark); !connectors.IsUnavailable(err) {
		t.Fatalf("got %v", err)
	}
	want := connectors.Mark{}
	if lost == "answer" {
		want = mark
	}
	if m, err := ofJob.Marked(ctx); err != nil || m != want {
		t.Fatalf("the mark is %v, %v; want %v", m, err, want)
	}
	if want != mark {
		mustWrite(t, ofJob, changes(t, "+I 4 d 4"))
		if err := ofJob.CommitMarked(ctx, mark); err != nil {
			t.Fatal(err)
		}
	}
	b.expect(t, "SELECT count(*), count(DISTINCT id) FROM "+table, "4|4")
}

// testAtOnce has the sinks of a job make the table of marks at the same time.
func (b *sinkBed) testAtOnce(t *testing.T) {
	b.run(t, "DROP TABLE IF EXISTS tidemark_marks")
	errs := make(chan error, 8)
	for i := range cap(errs) {
		name := fmt.Sprintf("once%d", i)
		s := b.sink(t, name, sinkSchema, []int{0}, suiteJob(name)).(connectors.Transactional)
		go func() { _, err := s.Marked(context.Background()); errs <- err }()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	b.expect(t, "SELECT count(*) FROM tidemark_marks", strconv.Itoa(cap(errs)))
}

// testGivenTable writes into a table with columns of other types and names.
func (b *sinkBed) testGivenTable(t *testing.T) {
	b.run(t, `CREATE SCHEMA other; CREATE TYPE mood AS ENUM ('sad', 'ok');
		CREATE TABLE other."Given" ("ID" int, "Name" varchar(3), x real, "at" timestamp DEFAULT now(), "always" int GENERATED ALWAYS AS IDENTITY, m mood DEFAULT 'ok', UNIQUE ("ID"))`)
	given := *b
	given.options = map[string]string{"schema": "other"}
	for name, value := range b.options {
		given.options[name] = value
	}
	s := given.sink(t, "Given", sinkSchema, []int{0}, nil)
	mustWrite(t, s, changes(t, "+I 1 abc 1.5"))
	mustFlush(t, s)
	b.expect(t, `SELECT "ID", "Name", x, always FROM other."Given"`, "1|abc|1.5|1")
	for row, want := range map[string]string{
		"+I 2 abcd 2":                "the row with id = 2 cannot be stored: column Name: value too long for type character varying(3)",
		"+I 9223372036854775807 n 2": `the row with id = 9223372036854775807 cannot be stored: column ID: value "9223372036854775807" is out of range for type integer`,
	} {
		mustWrite(t, s, changes(t, row))
		if err := s.Flush(context.Background()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v", err)
		}
	}
	b.expect(t, `SELECT count(*) FROM other."Given"`, "1")
	out := given.lookup(t, "Given", sinkSchema, []int{0}, changes(t, "+I 1 - -", "+I 9223372036854775807 - -").Cols[:1], 2)
	if out.Cols[0].Len() != 1 || textOf(out.Cols[2], 0) != "1.50" {
		t.Errorf("%d rows are found", out.Cols[0].Len())
	}
}

// testRefused has the server refuse who connects.
func (b *sinkBed) testRefused(t *testing.T, s *server) {
	wrong := filepath.Join(t.TempDir(), "wrong")
	if err := os.WriteFile(wrong, []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	script := b.script("CREATE TABLE seen (user_id STRING PRIMARY KEY, n BIGINT) WITH (); INSERT INTO seen VALUES ('a', 1)")
	refused(t, strings.ReplaceAll(script, b.options["password"], "file:"+wrong), "does not let 'tidemark' in: password authentication failed")
	refused(t, strings.ReplaceAll(script, "/tidemark'", "/nowhere'"), "there is no database 'nowhere' at 127.0.0.1:"+strconv.Itoa(s.port))
	refused(t, strings.ReplaceAll(script, ":"+strconv.Itoa(s.port), ":1"), "database 'tidemark' at 127.0.0.1:1 cannot be reached: connection refused")
}
