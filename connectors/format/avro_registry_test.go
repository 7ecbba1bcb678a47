package format

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// messages returns a chunk of messages; nil is one without a value.
func messages(texts ...[]byte) *connectors.Chunk {
	c := &connectors.Chunk{Messages: &connectors.Messages{}}
	for _, m := range texts {
		c.Data = append(c.Data, m...)
		c.Messages.Ends = append(c.Messages.Ends, uint32(len(c.Data)))
		c.Messages.Null = append(c.Messages.Null, m == nil)
	}
	return c
}

// awayRegistry is a registry of schemas with one field a, a long, which answers as many
// requests as it is told with a status, or not at all.
type awayRegistry struct {
	*httptest.Server
	mu     sync.Mutex
	away   int
	status int
	asked  int
}

func newAwayRegistry(t *testing.T, away, status int) *awayRegistry {
	g := &awayRegistry{away: away, status: status}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.asked++
		switch {
		case g.asked > g.away:
			fmt.Fprintf(w, `{"schema":%q}`, `{"type":"record","name":"r","fields":[{"name":"a","type":"long"}]}`)
		case g.status == 0:
			panic(http.ErrAbortHandler) // the connection breaks
		default:
			w.WriteHeader(g.status)
		}
	}))
	t.Cleanup(g.Close)
	return g
}

// reading returns a decoder of messages with the registry's schemas, and what it knows of
// the registry. Waits take no time; each calls waited.
func (g *awayRegistry) reading(t *testing.T, waited func(*avroRegistry, time.Duration) error) (decode func(*connectors.Chunk) []string) {
	t.Helper()
	cfg := config(schema(t, "a BIGINT"), "format", "avro", "schema_registry.url", g.URL, "on_error", "skip")
	r, err := NewReading(cfg)
	if err != nil {
		t.Fatal(err)
	}
	registry := r.Registry.(*avroRegistry)
	registry.retry.Wait = func(_ context.Context, d time.Duration) error { return waited(registry, d) }
	dec, err := r.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	pool := data.NewPool(cfg.Columns())
	return func(c *connectors.Chunk) (rows []string) {
		var place connectors.Place
		for done := false; !done; {
			b := pool.Get()
			done = dec.Decode(c, b, &place, 2)
			rows = append(rows, show(b, &place, 0)...)
			b.Release()
		}
		if len(c.Bad) > 0 {
			t.Errorf("bad records: %v", c.Bad)
		}
		return rows
	}
}

// TestRegistryAway reads messages while their registry is away: they wait for it, it is
// told what they wait for, and none is bad.
func TestRegistryAway(t *testing.T) {
	with := func(id byte, a byte) []byte { return []byte{0, 0, 0, 0, id, 2 * a} }
	for _, status := range []int{http.StatusServiceUnavailable, http.StatusTooManyRequests, 0} {
		g := newAwayRegistry(t, 3, status)
		var waited time.Duration
		var registry *avroRegistry
		decode := g.reading(t, func(r *avroRegistry, d time.Duration) error {
			registry = r
			since, err := r.Trouble()
			if since == 0 || err == nil {
				t.Error("nothing tells that the registry is waited for")
			}
			waited += d
			return nil
		})
		rows := decode(messages(with(1, 1), with(1, 2), with(1, 3)))
		if d := cmp.Diff([]string{"1|1", "2|2", "3|3"}, rows); d != "" {
			t.Error(d)
		}
		if g.asked != 4 || waited != (100+200+400)*time.Millisecond {
			t.Errorf("status %d: asked %d times in %s", status, g.asked, waited)
		}
		if _, err := registry.Trouble(); err != nil {
			t.Error(err)
		}
		// Once it has answered, it is waited for as long as it takes.
		g.away, waited = g.asked+50, 0
		if rows := decode(messages(with(1, 4), with(2, 5))); len(rows) != 2 || waited < 10*registryStart {
			t.Errorf("%q, waited %s", rows, waited)
		}
	}
}

// TestRegistryGivenUp reads messages whose registry cannot be asked: no row is passed over.
func TestRegistryGivenUp(t *testing.T) {
	two := [][]byte{{0, 0, 0, 0, 1, 2}, {0, 0, 0, 0, 2, 2}}
	t.Run("not there", func(t *testing.T) {
		g := newAwayRegistry(t, 1<<30, 0)
		var waited time.Duration
		c := messages(two...)
		rows := g.reading(t, func(_ *avroRegistry, d time.Duration) error { waited += d; return nil })(c)
		wantFatal(t, c, rows, "the schema registry "+g.URL+" cannot be asked about schema 1: ")
		if waited < registryStart || waited > 2*registryStart {
			t.Errorf("given up after %s", waited)
		}
	})
	t.Run("stopped", func(t *testing.T) {
		g := newAwayRegistry(t, 1<<30, http.StatusBadGateway)
		ctx, stop := context.WithCancel(context.Background())
		c := messages(two...)
		c.Context = ctx
		rows := g.reading(t, func(*avroRegistry, time.Duration) error { stop(); return ctx.Err() })(c)
		wantFatal(t, c, rows, "the schema registry "+g.URL+" cannot be asked about schema 1: it answers 502 Bad Gateway")
	})
	t.Run("refused", func(t *testing.T) {
		g := newAwayRegistry(t, 1<<30, http.StatusUnauthorized)
		c := messages(two...)
		rows := g.reading(t, func(*avroRegistry, time.Duration) error { t.Error("it waits"); return nil })(c)
		wantFatal(t, c, rows, "the schema registry "+g.URL+" cannot be asked about schema 1: it refuses the user or the password")
		if g.asked != 1 {
			t.Errorf("asked %d times", g.asked)
		}
	})
}

func wantFatal(t *testing.T, c *connectors.Chunk, rows []string, want string) {
	t.Helper()
	if len(rows) > 0 || c.Fatal == nil || len(c.Fatal.Error()) < len(want) || c.Fatal.Error()[:len(want)] != want {
		t.Errorf("%q, %v; want %q", rows, c.Fatal, want)
	}
}

// TestRegistrySilent words the error of a registry that takes requests and says nothing.
func TestRegistrySilent(t *testing.T) {
	g := newAwayRegistry(t, 0, 0)
	cfg := config(schema(t, "a BIGINT"), "format", "avro", "schema_registry.url", g.URL)
	r, err := NewReading(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithDeadline(t.Context(), time.Now()) // as after registryWait
	defer cancel()
	_, err = r.Registry.(*avroRegistry).schema(ctx, 1)
	if want := "the schema registry " + g.URL + " cannot be asked about schema 1: it does not answer in time"; !connectors.IsUnavailable(err) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
