//go:build integration

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// TestIntegrationRedis runs what the suite of sinks does against a Redis, whose rows
// are hashes.
func TestIntegrationRedis(t *testing.T) {
	s := startRedis(t, nil)
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := &redisBed{server: s, sinkBed: sinkBed{connector: "redis", options: map[string]string{"port": strconv.Itoa(s.port), "host": "127.0.0.1", "password": "file:" + password}}}
	t.Run("upsert", r.testUpsert)
	t.Run("types", r.testTypes)
	t.Run("fault", r.testFault)
	t.Run("killed", r.testKilled)
	t.Run("restart", r.testRestart)
	t.Run("command", r.testCommand)
}

type redisBed struct {
	sinkBed
	server *server
}

// expect compares what a command prints.
func (r *redisBed) expect(t *testing.T, want string, command ...string) {
	t.Helper()
	if got := r.server.redis(t, command...); got != want {
		t.Errorf("%v: got\n%s\nwant\n%s", command, got, want)
	}
}

func (r *redisBed) testUpsert(t *testing.T) {
	s := r.sink(t, "up", sinkSchema, []int{0}, nil)
	mustWrite(t, s, changes(t, "+I 1 a 1", "+I 2 b 2", "-U 1 a 1", "+U 1 A 1.5", "+I 3 c 3"))
	mustFlush(t, s)
	mustWrite(t, s, changes(t, "+U 1 - 2", "-D 2 b 2"))
	mustFlush(t, s)
	r.expect(t, "1\n\n2.00", "HMGET", "up:1", "id", "name", "x")
	r.expect(t, "0\n0\n1", "EVAL", "return {redis.call('HEXISTS', 'up:1', 'name'), redis.call('EXISTS', 'up:2'), redis.call('EXISTS', 'up:3')}", "0")
}

// testTypes checks the texts of values; Redis stores any byte.
func (r *redisBed) testTypes(t *testing.T) {
	schema := data.Schema{{Name: "id", Type: data.Of(data.Int)}, {Name: "raw", Type: data.Of(data.Bytes)}, {Name: "ok", Type: data.Of(data.Boolean)}, {Name: "ts", Type: data.Of(data.Timestamp)},
		{Name: "d", Type: data.DecimalType(38, 2)}, {Name: "list", Type: data.ArrayOf(data.Of(data.String))}, {Name: "f", Type: data.Of(data.Double)}}
	b := data.NewPool(schema).Get()
	appendTexts(t, b, []string{"1", "YQBi", "true", "2026-01-05T10:00:00.5Z", "-0.5", `["a",null]`, "NaN"})
	s := r.sink(t, "types", schema, []int{0}, nil)
	mustWrite(t, s, b)
	mustFlush(t, s)
	r.expect(t, "true\n2026-01-05T10:00:00.5Z\n-0.50\n[\"a\",null]\nNaN", "HMGET", "types:1", "ok", "ts", "d", "list", "f")
	r.expect(t, "1", "EVAL", "return redis.call('HGET', 'types:1', 'raw') == 'a\\0b' and 1 or 0", "0")
}

func (r *redisBed) testFault(t *testing.T) {
	r.server.redis(t, "SET", "fault:2", "x")
	s := r.sink(t, "fault", sinkSchema, []int{0}, suiteJob("fault")).(connectors.Transactional)
	for range 2 {
		if m, err := s.Marked(context.Background()); err != nil || m != (connectors.Mark{}) {
			t.Fatalf("the mark is %v, %v", m, err)
		}
		mustWrite(t, s, changes(t, "+I 1 a 1", "+I 2 b 2", "+I 3 c 3"))
		err := s.CommitMarked(context.Background(), connectors.Mark{Checkpoint: 1, Rows: 3})
		if err == nil || !strings.Contains(err.Error(), "the row with id = 2 cannot be stored: key 'fault:2' is there, and is no hash") {
			t.Errorf("got %v", err)
		}
	}
}

// testKilled kills a process that has written and not committed, and has another go on.
func (r *redisBed) testKilled(t *testing.T) {
	options, err := json.Marshal(r.options)
	if err != nil {
		t.Fatal(err)
	}
	killProcess(t, exec.Command(program(t, "killed-sink"), r.connector, string(options)))
	count := func() string {
		return r.server.redis(t, "EVAL", "local n, c = 0, '0' repeat local r = redis.call('SCAN', c, 'MATCH', 'killed:*', 'COUNT', 10000) c = r[1] n = n + #r[2] until c == '0' return n", "0")
	}
	s, ctx := r.sink(t, "killed", sinkSchema, []int{0}, suiteJob("killed")).(connectors.Transactional), context.Background()
	m, err := s.Marked(ctx)
	if want := (connectors.Mark{Checkpoint: 1, Rows: killedRows}); err != nil || m != want {
		t.Fatalf("the mark is %v, %v; want %v", m, err, want)
	}
	if got := count(); got != strconv.Itoa(killedRows) {
		t.Errorf("%s rows", got)
	}
	if err := writeKilled(s, 2); err != nil {
		t.Fatal(err)
	}
	if err := s.CommitMarked(ctx, connectors.Mark{Checkpoint: 2, Rows: 2 * killedRows}); err != nil {
		t.Fatal(err)
	}
	if got := count(); got != strconv.Itoa(2*killedRows) {
		t.Errorf("%s rows", got)
	}
}

// again does something until the other side is available, as a job does.
func again(f func() error) (err error) {
	for range 200 {
		if err = f(); !connectors.IsUnavailable(err) {
			return err
		}
		<-time.After(50 * time.Millisecond)
	}
	return err
}

func (r *redisBed) testRestart(t *testing.T) {
	ctx := context.Background()
	alone := r.sink(t, "re", sinkSchema, []int{0}, nil)
	ofJob := r.sink(t, "rejob", sinkSchema, []int{0}, suiteJob("rejob")).(connectors.Transactional)
	if _, err := ofJob.Marked(ctx); err != nil {
		t.Fatal(err)
	}
	rows := changes(t, "+I 1 a 1", "+I 2 b 2")
	mustWrite(t, alone, rows)
	mustWrite(t, ofJob, rows)
	back := r.server.restart(t)
	if err := ofJob.CommitMarked(ctx, connectors.Mark{Checkpoint: 1, Rows: 2}); !connectors.IsUnavailable(err) {
		t.Errorf("got %v", err)
	}
	mustFlush(t, alone)
	back()
	err := again(func() error {
		m, err := ofJob.Marked(ctx)
		if err == nil && m != (connectors.Mark{}) {
			t.Errorf("the mark is %v", m)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	err = again(func() error {
		mustWrite(t, ofJob, rows)
		return ofJob.CommitMarked(ctx, connectors.Mark{Checkpoint: 1, Rows: 2})
	})
	if err != nil {
		t.Error(err)
	}
	r.expect(t, "b", "HGET", "re:2", "name")
	r.expect(t, "b", "HGET", "rejob:2", "name")
}

// testCommand has the program itself fill Redis, and tell that there is none.
func (r *redisBed) testCommand(t *testing.T) {
	script := fmt.Sprintf(`CREATE TABLE seen (user_id STRING PRIMARY KEY, n BIGINT)
		WITH (connector = 'redis', url = 'redis://127.0.0.1:%d/1', password = '%s', prefix = 'seen/', ttl = '1 hour');
		INSERT INTO seen SELECT user_id, COUNT(*) FROM (VALUES ('a'), ('b'), ('a')) AS v (user_id) GROUP BY user_id`, r.server.port, r.options["password"])
	if out := output(t, program(t, "tidemark"), "run", "-q", "-e", script); out != "" {
		t.Errorf("it prints %s", out)
	}
	r.expect(t, "2", "-n", "1", "HGET", "seen/a", "n")
	r.server.stop(t)
	refused(t, script, fmt.Sprintf("Redis at 127.0.0.1:%d cannot be reached: connection refused", r.server.port))
}
