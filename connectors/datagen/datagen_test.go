package datagen

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"tidemark/connectors"
	"tidemark/operators/data"
)

var schema = data.Schema{{Name: "id", Type: data.Of(data.BigInt)}, {Name: "user", Type: data.Of(data.String)}, {Name: "ts", Type: data.Of(data.Timestamp)},
	{Name: "amount", Type: data.DecimalType(12, 2)}, {Name: "page", Type: data.Of(data.String)}, {Name: "x", Type: data.Of(data.Double)}, {Name: "f", Type: data.Of(data.Boolean)}, {Name: "d", Type: data.Of(data.Date)}}

func config(options ...string) connectors.SourceConfig {
	m := map[string]string{}
	for i := 0; i < len(options); i += 2 {
		m[options[i]] = options[i+1]
	}
	cfg := connectors.SourceConfig{Name: "t", Schema: schema, Options: connectors.NewOptions(m)}
	for i := range schema {
		cfg.Needed = append(cfg.Needed, i)
	}
	return cfg
}

var fieldOptions = []string{"fields.id.kind", "sequence", "fields.user.kind", "zipf", "fields.user.max", "9", "fields.user.prefix", "u",
	"fields.amount.min", "1", "fields.amount.max", "2.50", "fields.page.values", "a, b,c", "fields.ts.jitter", "2s", "fields.x.null_rate", "0.5"}

// rows reads up to limit rows in batches of max rows.
func rows(t *testing.T, cfg connectors.SourceConfig, chunk int64, max, limit int) []string {
	t.Helper()
	src, err := NewSource(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if chunk > 0 {
		src.(*source).chunk = chunk
	}
	r, err := src.Open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	dec, _ := src.NewDecoder()
	var out []string
	var c connectors.Chunk
	var place connectors.Place
	pool := data.NewPool(cfg.Columns())
	for len(out) < limit {
		if err := r.Next(context.Background(), &c); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		for done := false; !done; {
			b := pool.Get()
			done = dec.Decode(&c, b, &place, max)
			for k := 0; k < b.Rows(); k++ {
				var cells []string
				for _, v := range b.Cols {
					cells = append(cells, string(data.AppendText(nil, v, b.Row(k))))
				}
				out = append(out, strings.Join(cells, "|"))
			}
		}
	}
	return out
}

// TestRows checks that rows depend on nothing but the options.
func TestRows(t *testing.T) {
	cfg := config(append([]string{"rows", "1000"}, fieldOptions...)...)
	want := rows(t, cfg, 0, 4096, 1<<30)
	if len(want) != 1000 {
		t.Fatalf("%d rows", len(want))
	}
	if d := cmp.Diff([]string{
		"0|u8|2025-12-31T23:59:59.909486Z|2.17|a|0.7743991716672016|true|2026-04-01",
		"1|u5|2025-12-31T23:59:59.918869Z|1.73|a|0.18781232561871264|false|2026-11-29",
	}, want[:2]); d != "" {
		t.Errorf("the first rows changed (-want +got)\n%s", d)
	}
	for _, chunk := range []int64{1, 7, 333} {
		if d := cmp.Diff(want, rows(t, cfg, chunk, 5, 1<<30)); d != "" {
			t.Fatalf("chunk %d: (-want +got)\n%s", chunk, d)
		}
	}
	if cmp.Equal(want, rows(t, config(append([]string{"rows", "1000", "seed", "2"}, fieldOptions...)...), 0, 4096, 1<<30)) {
		t.Error("another seed gives the same rows")
	}
	users, pages, nulls := map[string]int{}, map[string]int{}, 0
	for i, row := range want {
		f := strings.Split(row, "|")
		if f[0] != fmt.Sprint(i) || f[3] < "1.00" || f[3] > "2.50" {
			t.Fatalf("row %d: %s", i, row)
		}
		users[f[1]]++
		pages[f[4]]++
		if f[5] == "" {
			nulls++
		}
	}
	if len(users) != 10 || users["u0"] < users["u1"] || users["u1"] < users["u9"] || len(pages) != 3 || nulls < 400 || nulls > 600 {
		t.Errorf("users %v, pages %v, %d nulls", users, pages, nulls)
	}
	if src, _ := NewSource(config()); src.Bounded() {
		t.Error("without rows it has no end")
	}
	if got := rows(t, config(), 0, 4096, 20000); len(got) < 20000 {
		t.Errorf("%d rows of an unbounded source", len(got))
	}
}

func TestFilter(t *testing.T) {
	cfg := config("rows", "100", "fields.id.kind", "sequence")
	two := data.NewConst(data.Of(data.BigInt))
	two.AppendInt(2)
	cfg.Filter = []connectors.Predicate{{Column: 0, Op: "<=", Values: []*data.Vector{two}}}
	if got := rows(t, cfg, 0, 40, 1<<30); len(got) != 3 || !strings.HasPrefix(got[2], "2|") {
		t.Error(got)
	}
}

// TestRate checks the pace, and that the end of the context ends a wait.
func TestRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src, err := NewSource(config("rate", "100", "rows", "101"))
		if err != nil {
			t.Fatal(err)
		}
		r, _ := src.Open(context.Background())
		var c connectors.Chunk
		began, n := time.Now(), int64(0)
		for {
			if err := r.Next(context.Background(), &c); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			n += c.Count
		}
		if took := time.Since(began); n != 101 || took != time.Second {
			t.Errorf("%d rows in %v", n, took)
		}
		src, _ = NewSource(config("rate", "0.001"))
		r, _ = src.Open(context.Background())
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		r.Next(ctx, &c)
		if err := r.Next(ctx, &c); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

func TestErrors(t *testing.T) {
	tests := []struct{ option, value, want string }{
		{"fields.usr.kind", "random", "there is no column usr (did you mean user?)"},
		{"fields.x.kind", "zipf", "column x: values of type DOUBLE cannot be made as zipf (kind = 'choice' with values = '…' works for every type)"},
		{"fields.id.kind", "choice", "kind = 'choice' needs fields.id.values (write for example 'a,b,c')"},
		{"fields.id.values", "1,b", "fields.id.values: 'b' is not a valid BIGINT"},
		{"fields.id.max", "-1", "fields.id.max is less than fields.id.min"},
		{"fields.id.min", "x", "fields.id.min: 'x' is not a valid BIGINT"},
		{"fields.id.kind", "odd", "fields.id.kind = 'odd' is none of its values (there are: sequence, random, zipf, choice, timestamp)"},
		{"rows", "-1", "rows = -1 is out of range (it must be at least 0)"},
	}
	for _, c := range tests {
		if _, err := NewSource(config(c.option, c.value)); err == nil || err.Error() != c.want {
			t.Errorf("%s = %s: got\n%v\nwant\n%s", c.option, c.value, err, c.want)
		}
	}
}
