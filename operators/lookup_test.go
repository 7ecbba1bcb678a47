package operators_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/operators/optest"
	"tidemark/parser/source"
)

var (
	lookupIn    = data.Schema{{Name: "k", Type: data.Of(data.String)}, {Name: "n", Type: data.Of(data.BigInt)}}
	lookupFound = data.Schema{{Name: "word", Type: data.Of(data.BigInt)}, {Name: "key", Type: data.Of(data.String)}}
)

// foreign is a table of words by key; asked notes what it was asked for.
type foreign struct {
	rows  map[string][]int64
	asked []string
	fails error
}

func (f *foreign) find(keys []*data.Vector, n int, found *data.Batch) error {
	var list []string
	for i := range n {
		list = append(list, string(keys[0].Text(i)))
	}
	f.asked = append(f.asked, strings.Join(list, " "))
	if f.fails != nil {
		return f.fails
	}
	slices.Sort(list) // in an order of its own
	for _, k := range list {
		for _, w := range f.rows[k] {
			found.Cols[0].AppendInt(w)
			found.Cols[1].AppendText([]byte(k))
		}
	}
	return nil
}

func lookup(f *foreign, outer bool) operators.LookupJoinConfig {
	return operators.LookupJoinConfig{Outer: outer, Keys: []int{0}, FoundKeys: []int{1}, Found: lookupFound, Find: f.find, TTL: 10 * second,
		Now: func() int64 { return 0 }, BatchRows: 2, Out: append(append(data.Schema{}, lookupIn...), lookupFound...)}
}

func TestLookupJoin(t *testing.T) {
	f := &foreign{rows: map[string][]int64{"a": {7}, "b": {1, 12}}}
	const input = "b 1\na 2\nc 3\nwm 1970-01-01T00:00:05Z\nNULL 4\nb 5\na 6\nend"
	even := func(cfg *operators.LookupJoinConfig) { // n + word is even
		n, word := expr.NewColumn(1, "n", data.Of(data.BigInt), source.Span{}), expr.NewColumn(2, "word", data.Of(data.BigInt), source.Span{})
		sum, _ := expr.NewCall("+", []expr.Expr{n, word}, source.Span{})
		rest, _ := expr.NewCall("%", []expr.Expr{sum, expr.IntLiteral(2, source.Span{})}, source.Span{})
		cfg.Condition, _ = expr.NewCall("=", []expr.Expr{rest, expr.IntLiteral(0, source.Span{})}, source.Span{})
	}
	for _, c := range []struct {
		name  string
		outer bool
		set   func(*operators.LookupJoinConfig)
		want  string
	}{
		{"inner", false, func(*operators.LookupJoinConfig) {}, "+I b 1 1 b\n+I b 1 12 b\n+I a 2 7 a\nwm 1970-01-01T00:00:05Z\n+I b 5 1 b\n+I b 5 12 b\n+I a 6 7 a\nend"},
		{"outer", true, func(*operators.LookupJoinConfig) {}, "+I b 1 1 b\n+I b 1 12 b\n+I a 2 7 a\n+I c 3 NULL NULL\nwm 1970-01-01T00:00:05Z\n+I NULL 4 NULL NULL\n+I b 5 1 b\n+I b 5 12 b\n+I a 6 7 a\nend"},
		{"condition", false, even, "+I b 1 1 b\nwm 1970-01-01T00:00:05Z\n+I b 5 1 b\nend"},
		{"outer condition", true, even, "+I b 1 1 b\n+I a 2 NULL NULL\n+I c 3 NULL NULL\nwm 1970-01-01T00:00:05Z\n+I NULL 4 NULL NULL\n+I b 5 1 b\n+I a 6 NULL NULL\nend"},
		{"nothing is kept", false, func(cfg *operators.LookupJoinConfig) { cfg.TTL = 0 }, "+I b 1 1 b\n+I b 1 12 b\n+I a 2 7 a\nwm 1970-01-01T00:00:05Z\n+I b 5 1 b\n+I b 5 12 b\n+I a 6 7 a\nend"},
		{"one row is kept", false, func(cfg *operators.LookupJoinConfig) { cfg.MaxRows = 1 }, "+I b 1 1 b\n+I b 1 12 b\n+I a 2 7 a\nwm 1970-01-01T00:00:05Z\n+I b 5 1 b\n+I b 5 12 b\n+I a 6 7 a\nend"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := lookup(f, c.outer)
			c.set(&cfg)
			optest.Run(t, optest.Case{In: lookupIn, Out: cfg.Out, Input: input, Want: c.want, Steps: true,
				New: func() operators.Operator { return operators.NewLookupJoin(cfg, lookupIn) }})
		})
	}
}

// The keys of a batch are asked for together, each once, and what was found, or not,
// is not asked for again before its time is over or other things have taken its place.
func TestLookupJoinAsksOnce(t *testing.T) {
	f := &foreign{rows: map[string][]int64{"a": {7}, "b": {1, 12}}}
	cfg := lookup(f, true)
	now := int64(0)
	cfg.Now, cfg.MaxRows = func() int64 { return now }, 13
	j := operators.NewLookupJoin(cfg, lookupIn)
	pool := data.NewPool(lookupIn)
	feed := func(keys ...string) string {
		b := pool.Get()
		for i, k := range keys {
			b.Cols[0].AppendText([]byte(k))
			b.Cols[1].AppendInt(int64(i))
			b.AddRows(1, data.Insert, 0)
		}
		b.Trigger = nil
		f.asked = nil
		if err := j.Process(b, func(o *data.Batch) error { o.Release(); return nil }); err != nil {
			t.Fatal(err)
		}
		return strings.Join(f.asked, ", ")
	}
	for _, c := range []struct {
		keys, want string
		after      time.Duration
	}{
		{"a b a c b", "a b c", 0},
		{"c a d", "d", 0},
		{"a b c d", "", 9 * time.Second},
		{"a d", "a d", 2 * time.Second},
		{"e f g h i", "e f g h i", 0}, // which are too many to keep the others for long
		{"a", "", 0},
		{"j k l m n o p", "j k l m n o p", 0},
		{"q r s t u v w", "q r s t u v w", 0},
		{"a", "a", 0},
	} {
		now += c.after.Microseconds()
		if got := feed(strings.Fields(c.keys)...); got != c.want {
			t.Errorf("%s: asked for %q, want %q", c.keys, got, c.want)
		}
	}
	f.fails = errors.New("the table is gone")
	b := pool.Get()
	b.Cols[0].AppendText([]byte("new"))
	b.Cols[1].AppendInt(1)
	b.AddRows(1, data.Insert, 0)
	if err := j.Process(b, func(*data.Batch) error { return nil }); fmt.Sprint(err) != "the table is gone" {
		t.Errorf("got error %v", err)
	}
}

// Where the condition fails for a pair, the rows before it come first.
func TestLookupJoinFails(t *testing.T) {
	f := &foreign{rows: map[string][]int64{"a": {7}, "b": {0}}}
	cfg := lookup(f, true)
	ten, word := expr.IntLiteral(10, source.Span{}), expr.NewColumn(2, "word", data.Of(data.BigInt), source.Span{})
	quotient, _ := expr.NewCall("/", []expr.Expr{ten, word}, source.Span{})
	cfg.Condition, _ = expr.NewCall(">", []expr.Expr{quotient, expr.IntLiteral(0, source.Span{})}, source.Span{})
	optest.Run(t, optest.Case{In: lookupIn, Out: cfg.Out, Input: "a 1\nc 2\nb 3\na 4", Want: "+I a 1 7 a\n+I c 2 NULL NULL", Err: "zero",
		New: func() operators.Operator { return operators.NewLookupJoin(cfg, lookupIn) }})
}

// However many keys come, and however often what was found of them is too old, no more is
// kept than was said, but for the batches at which a limit is reached.
func TestLookupCacheIsBounded(t *testing.T) {
	const batch = 100
	for _, c := range []struct {
		name      string
		keys      int // that come round and round
		ttl       int64
		rows, max int64 // limits; 0 for none
	}{{"rows", 50_000, second, 1000, 0}, {"bytes", 50_000, second, 0, 64 << 10}, {"old keys", 700, 10, 1000, 0}} {
		t.Run(c.name, func(t *testing.T) {
			now, n := int64(0), 0
			cfg := lookup(nil, true)
			cfg.TTL, cfg.MaxRows, cfg.MaxBytes, cfg.Now = c.ttl, c.rows, c.max, func() int64 { return now }
			cfg.Find = func(keys []*data.Vector, n int, found *data.Batch) error {
				for i := range n {
					if text := keys[0].Text(i); text[len(text)-1] != '7' { // which is not there
						found.Cols[0].AppendInt(1)
						found.Cols[1].AppendText(text)
					}
				}
				return nil
			}
			j, pool := operators.NewLookupJoin(cfg, lookupIn), data.NewPool(lookupIn)
			for range 500 {
				b := pool.Get()
				for range batch {
					b.Cols[0].AppendText(fmt.Append(nil, n%c.keys))
					b.Cols[1].AppendInt(int64(n))
					b.AddRows(1, data.Insert, 0)
					n++
				}
				b.Trigger = nil
				now++
				if err := j.Process(b, func(o *data.Batch) error { o.Release(); return nil }); err != nil {
					t.Fatal(err)
				}
				keys, rows := j.Cached()
				if most := int(c.rows) + 2*batch; c.rows > 0 && max(keys, rows) > most {
					t.Fatalf("%d rows of %d keys are kept, want %d", rows, keys, most)
				}
				if bytes := j.CachedBytes(); c.max > 0 && bytes > c.max*3/2 {
					t.Fatalf("%d bytes are kept, want %d", bytes, c.max)
				}
			}
		})
	}
}
