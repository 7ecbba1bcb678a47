package redis

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidemark/connectors"
	"tidemark/operators/data"
)

var schema = data.Schema{{Name: "user", Type: data.Of(data.String)}, {Name: "at", Type: data.Of(data.Timestamp)}, {Name: "n", Type: data.Of(data.BigInt)}, {Name: "raw", Type: data.Of(data.Bytes)}}

// batch makes rows from "op user second n raw"; - is NULL.
func batch(t *testing.T, rows ...string) *data.Batch {
	t.Helper()
	b := data.NewPool(schema).Get()
	for _, r := range rows {
		f := strings.Fields(r)
		for c := data.Insert; c <= data.Delete; c++ {
			if c.String() == f[0] {
				b.Changes = append(b.Changes, c)
			}
		}
		f[2] = "2026-01-05T10:00:0" + f[2] + "Z"
		for i, v := range b.Cols {
			if f[i+1] == "-" {
				v.AppendNull()
			} else if err := data.NewTextParser(v.Type, nil).Append(v, []byte(f[i+1])); err != nil {
				t.Fatal(err)
			}
		}
		b.N++
	}
	return b
}

// open opens a sink on a server with options "name=value name=value".
func open(t *testing.T, f *fake, key []int, job *connectors.Job, options string) *sink {
	t.Helper()
	host, port, _ := net.SplitHostPort(f.listener.Addr().String())
	m := map[string]string{"host": host, "port": port}
	for _, o := range strings.Fields(options) {
		name, value, _ := strings.Cut(o, "=")
		m[name] = value
	}
	s, err := NewSink(connectors.SinkConfig{Name: "users", Schema: schema, Key: key, Options: connectors.NewOptions(m), Job: job})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s.(*sink)
}

func write(t *testing.T, s connectors.Sink, rows ...string) {
	t.Helper()
	if err := s.Write(context.Background(), batch(t, rows...)); err != nil {
		t.Fatal(err)
	}
}

func flush(t *testing.T, s connectors.Sink) {
	t.Helper()
	if err := s.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func TestUpsert(t *testing.T) {
	f := startFake(t)
	s := open(t, f, []int{0}, nil, "ttl=90s")
	write(t, s, "+I a:b 0 1 AAE=", "+I gone 0 2 -", "+I none 0 3 -", "-U a:b 0 1 -", "+U a:b 1 5 AAE=", "-D none 0 3 -")
	flush(t, s)
	write(t, s, "+U a:b 2 - -", "-D gone 0 2 -", "+I new 3 4 -")
	flush(t, s)
	const want = "users:a:b at=2026-01-05T10:00:02Z user=a:b\nusers:new at=2026-01-05T10:00:03Z n=4 user=new"
	if d := cmp.Diff(want, f.content()); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if f.ttls["users:new"] != "90000" {
		t.Errorf("the ttl is %s", f.ttls["users:new"])
	}
	s = open(t, f, []int{1, 0}, nil, "prefix=f/")
	write(t, s, `+I a:b\c 0 1 AAE=`)
	flush(t, s)
	if _, ok := f.hashes[`f/2026-01-05T10\:00\:00Z:a\:b\\c`]; !ok || f.hashes[`f/2026-01-05T10\:00\:00Z:a\:b\\c`]["raw"] != "\x00\x01" {
		t.Errorf("got\n%s", f.content())
	}
}

var job = &connectors.Job{ID: "7f3a", Sink: "users"}

// TestMarks checks that rows and mark are written at once, also when the answer is
// lost, and that a process that was overtaken writes no more.
func TestMarks(t *testing.T) {
	ctx, f := context.Background(), startFake(t)
	s := open(t, f, []int{0}, job, "")
	marked := func(s *sink, want connectors.Mark) {
		t.Helper()
		if got, err := s.Marked(ctx); err != nil || got != want {
			t.Fatalf("the mark is %v, %v; want %v", got, err, want)
		}
	}
	marked(s, connectors.Mark{})
	first, second := connectors.Mark{Checkpoint: 1, Rows: 2}, connectors.Mark{Checkpoint: 2, Rows: 3}
	f.lose = "before"
	write(t, s, "+I a 0 1 -", "+I b 0 2 -")
	if err := s.CommitMarked(ctx, first); !connectors.IsUnavailable(err) {
		t.Fatalf("got %v", err)
	}
	marked(s, connectors.Mark{})
	if got := f.content(); got != "" {
		t.Errorf("got\n%s", got)
	}
	f.lose = "after"
	write(t, s, "+I a 0 1 -", "+I b 0 2 -")
	if err := s.CommitMarked(ctx, first); !connectors.IsUnavailable(err) {
		t.Fatalf("got %v", err)
	}
	marked(s, first)
	other := open(t, f, []int{0}, job, "")
	marked(other, first)
	write(t, other, "-D b 0 2 -")
	if err := other.CommitMarked(ctx, second); err != nil {
		t.Fatal(err)
	}
	write(t, s, "+I c 0 2 -")
	const want = "another process of the same job writes here: it is at checkpoint 2, and this one at 1: end one of the two"
	if err := s.CommitMarked(ctx, second); err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %v", err)
	}
	if d := cmp.Diff("tidemark:7f3a:users checkpoint=2 rows=3\nusers:a at=2026-01-05T10:00:00Z n=1 user=a", f.content()); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// TestWrongType checks that the row is named whose key is taken, and that a job does
// not take its rows for written.
func TestWrongType(t *testing.T) {
	ctx, f := context.Background(), startFake(t)
	f.strings["users:b"] = true
	const want = "the row with user = b cannot be stored: key 'users:b' is there, and is no hash; choose another prefix, or delete the key"
	s := open(t, f, []int{0}, nil, "")
	write(t, s, "+I a 0 - -", "+I b 0 2 -", "+I c 0 3 -")
	if err := s.Flush(ctx); err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %v", err)
	}
	s = open(t, f, []int{0}, job, "")
	if _, err := s.Marked(ctx); err != nil {
		t.Fatal(err)
	}
	write(t, s, "+I a 0 1 -", "+I b 0 2 -")
	if err := s.CommitMarked(ctx, connectors.Mark{Checkpoint: 1, Rows: 2}); err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %v", err)
	}
	if m, err := s.Marked(ctx); err != nil || m != (connectors.Mark{}) {
		t.Errorf("the mark is %v, %v", m, err)
	}
}

// TestGone checks that a server that is gone is waited for, and then given up.
func TestGone(t *testing.T) {
	f := startFake(t)
	s := open(t, f, []int{0}, nil, "retry_timeout=1s")
	var waits []time.Duration
	s.retry.Wait = func(_ context.Context, d time.Duration) error {
		if _, err := s.Trouble(); err == nil {
			t.Error("nothing is said to be the trouble that is waited for to pass")
		}
		waits = append(waits, d)
		return nil
	}
	write(t, s, "+I a 0 1 -")
	f.stop()
	if err := s.Flush(context.Background()); !connectors.IsUnavailable(err) {
		t.Errorf("got %v", err)
	}
	if _, err := s.Trouble(); err != nil || len(waits) != 4 {
		t.Errorf("after %v the trouble is still %v", waits, err)
	}
}

func TestErrors(t *testing.T) {
	t.Setenv("TM_PASSWORD", "hunter2")
	for options, want := range map[string]string{
		"url=redis://me:hunter2@h": "the url must not have the password in it (take it out, and write password = 'env:NAME' or password = 'file:PATH')",
		"url=http://h":             "the url is not the address of a server (write for example url = 'redis://user@localhost:6379/0')",
		"url=redis://h/x":          "'x' in the url is not the number of a database (write for example url = 'redis://user@localhost:6379/0')",
		"url=redis://h port=1":     "the url says it all, and port says it again (leave out one of the two)",
		"password=hunter2":         "password must not be written out, but say where the secret is (write password = 'env:NAME' for an environment variable, or password = 'file:PATH' for a file)",
		"port=70000":               "port = 70000 is out of range (it must be between 1 and 65535)",
		"host=127.0.0.1 port=1 password=env:TM_PASSWORD": "Redis at 127.0.0.1:1 cannot be reached: connection refused",
	} {
		m := map[string]string{}
		for _, o := range strings.Fields(options) {
			name, value, _ := strings.Cut(o, "=")
			m[name] = value
		}
		_, err := NewSink(connectors.SinkConfig{Name: "users", Schema: schema, Key: []int{0}, Options: connectors.NewOptions(m)})
		if err == nil || err.Error() != want {
			t.Errorf("%s: got\n%v\nwant\n%s", options, err, want)
		}
		registry := connectors.NewRegistry() // it is found before anything runs, unless a server has to be asked
		registry.Register(Connector())
		found := registry.Check("redis", connectors.NewOptions(m), true)
		if asks := strings.Contains(want, "cannot be reached"); asks != (len(found) == 0) {
			t.Errorf("%s: check has %v", options, found)
		}
	}
	_, err := NewSink(connectors.SinkConfig{Name: "users", Schema: schema})
	if want := "connector 'redis' keeps rows by key, and this relation has none (declare a TABLE with a PRIMARY KEY)"; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}
