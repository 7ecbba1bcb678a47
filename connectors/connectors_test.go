package connectors

import (
	"fmt"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tidemark/operators/data"
)

func options(text string) Options {
	m := map[string]string{}
	for _, f := range strings.Split(text, " ") {
		if name, value, ok := strings.Cut(f, "="); ok {
			m[name] = strings.ReplaceAll(value, "_", " ")
		}
	}
	return NewOptions(m)
}

func testRegistry() *Registry {
	r := NewRegistry()
	both := func(SourceConfig) (Source, error) { return nil, nil }
	r.Register(Connector{Name: "file", NewSource: both, NewSink: func(SinkConfig) (Sink, error) { return nil, nil }, Options: []OptionSpec{
		{Name: "path", Required: true, Source: true, Sink: true, Doc: "The file."},
		{Name: "on_error", Values: []string{"fail", "skip"}, Source: true},
		{Name: "header", Kind: "bool", Source: true, Sink: true, Formats: []string{"csv"}},
		{Name: "append", Kind: "bool", Sink: true},
		{Name: "fields.*.kind", Values: []string{"random"}, Source: true},
		{Name: "size", Kind: "size", Source: true}, {Name: "n", Kind: "int", Source: true}, {Name: "wait", Kind: "duration", Source: true},
		{Name: "delimiter", Kind: "char", Source: true}, {Name: "rate", Kind: "number", Source: true},
		{Name: "password", Secret: true, Source: true},
	}})
	r.Register(Connector{Name: "sqlite", NewSink: func(SinkConfig) (Sink, error) { return nil, nil }})
	return r
}

func TestCheck(t *testing.T) {
	tests := []struct {
		connector, options string
		sink               bool
		want               string // "option: message", one a line
	}{
		{"file", "path=x on_error=SKIP fields.a.kind=random Header=no size=4_MB n=7 wait=5_minutes delimiter=\\t rate=1.5 connector=file", false, ""},
		{"fil", "", false, "connector: there is no connector 'fil' (did you mean file?)"},
		{"kafka", "", false, "connector: there is no connector 'kafka' (there are: file, sqlite)"},
		{"sqlite", "", false, "connector: connector 'sqlite' cannot be read from (use one of these as a source: file)"},
		{"file", "on_error=skp", false, "on_error: on_error = 'skp' is none of its values (did you mean skip?)\npath: connector 'file' needs the option path (The file.)"},
		{"file", "path=x pth=y", false, "pth: connector 'file' has no option pth (did you mean path?)"},
		{"file", "path=x append=true", false, "append: option append is for sinks, and this is a source (leave it out)"},
		{"file", "path=x on_error=skip", true, "on_error: option on_error is for sources, and this is a sink (leave it out)"},
		{"file", "path=x.json header=true", false, "header: option header does nothing for format 'json' (it is for csv)"},
		{"file", "path=x.csv header=maybe", false, "header: header = 'maybe' is not a truth value (use 'true' or 'false')"},
		{"file", "path=x size=big n=x wait=soon delimiter=;; rate=fast", false, `delimiter: delimiter = ';;' is not a single ASCII character (write for example ';' or '\t')
n: n = 'x' is not a whole number (write digits, for example '1000')
rate: rate = 'fast' is not a number
size: size = 'big' is not a size (write a number of bytes or for example '4 MB')
wait: wait = 'soon' is not a duration (write for example '30s', '5m' or '1 hour')`},
		{"file", "path=x password=env:PW", false, ""},
		{"file", "path=x password=hunter2", false, "password: password must not be written out, but say where the secret is (write password = 'env:NAME' for an environment variable, or password = 'file:PATH' for a file)"},
		{"file", "path=x fields.a.kind=odd fields..kind=random", false, `fields..kind: connector 'file' has no option fields..kind (did you mean fields.*.kind?)
fields.a.kind: fields.a.kind = 'odd' is none of its values (there are: random)`},
	}
	for _, c := range tests {
		var got []string
		for _, e := range testRegistry().Check(c.connector, options(c.options), c.sink) {
			got = append(got, e.Option+": "+e.Error())
		}
		if d := cmp.Diff(c.want, strings.Join(got, "\n")); d != "" {
			t.Errorf("%s %s (-want +got)\n%s", c.connector, c.options, d)
		}
	}
}

func TestInfer(t *testing.T) {
	tests := []struct{ options, source, sink, format string }{
		{"path=a.csv", "file", "file", "csv"}, {"path=A.CSV.GZ", "file", "file", "csv"}, {"path=x.ndjson", "file", "file", "json"},
		{"path=-", "stdin", "stdout", ""}, {"connector=file path=-", "stdin", "stdout", ""}, {"connector=SQLite path=a.db", "sqlite", "sqlite", ""},
		{"", "", "", ""}, {"path=a.csv format=JSONL", "file", "file", "json"}, {"path=a.tsv", "file", "file", "tsv"}, {"path=a", "file", "file", ""},
	}
	for _, c := range tests {
		o := options(c.options)
		if a, b, f := InferConnector(o, false), InferConnector(o, true), InferFormat(o); a != c.source || b != c.sink || f != c.format {
			t.Errorf("%s: got %q %q %q", c.options, a, b, f)
		}
	}
}

func TestOptionValues(t *testing.T) {
	o := options("d1=30s d2=1h30m d3=1.5_hours d4=0 d5=2_days d6=-5s s1=4_MB s2=100 s3=1KiB s4=9GB n=1_000")
	for name, want := range map[string]time.Duration{"d1": 30 * time.Second, "d2": 90 * time.Minute, "d3": 90 * time.Minute, "d4": 0, "d5": 48 * time.Hour, "none": time.Second} {
		if got, err := o.Duration(name, time.Second); err != nil || got != want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	for name, want := range map[string]int64{"s1": 4 << 20, "s2": 100, "s3": 1 << 10, "none": 7} {
		if got, err := o.Size(name, 7, 1, 1<<30); err != nil || got != want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	for _, c := range []struct {
		err  func() error
		want string
	}{
		{func() error { _, err := o.Duration("d6", 0); return err }, "d6 = '-5s' is not a duration (write for example '30s', '5m' or '1 hour')"},
		{func() error { _, err := o.Size("s4", 0, 1, 1<<30); return err }, "s4 = '9GB' is out of range (it must be between 1 and 1073741824 bytes)"},
		{func() error { _, err := o.Int("s2", 0, 1, 10); return err }, "s2 = 100 is out of range (it must be between 1 and 10)"},
		{func() error { _, err := o.Number("s2", 0, 101); return err }, "s2 = 100 is out of range (it must be at least 101)"},
	} {
		if err := c.err(); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	if v, ok := o.With("D1", "x").Get("d1"); !ok || v != "x" {
		t.Error("With does not replace")
	}
	if v, _ := o.Get("D1"); v != "30s" {
		t.Error("With changed the original")
	}
}

// TestFold compares folding with a map, by key and as a multiset.
func TestFold(t *testing.T) {
	schema := data.Schema{{Name: "k", Type: data.Of(data.String)}, {Name: "v", Type: data.Of(data.BigInt)}}
	for _, keyed := range []bool{true, false} {
		rapid.Check(t, func(rt *rapid.T) {
			key := []int{0}
			if !keyed {
				key = nil
			}
			f := NewFold(schema, key)
			byKey, multi := map[string]string{}, map[string]int{}
			for n := rapid.IntRange(0, 60).Draw(rt, "n"); n > 0; n-- {
				k, v := rapid.SampledFrom([]string{"", "a", "b", "c", "ab"}).Draw(rt, "k"), rapid.Int64Range(0, 3).Draw(rt, "v")
				row := fmt.Sprintf("%s|%d", k, v)
				b := data.NewPool(schema).Get()
				b.Cols[0].AppendText([]byte(k))
				b.Cols[1].AppendInt(v)
				b.N, b.Changes = 1, []data.Change{data.Insert}
				if remove := rapid.Bool().Draw(rt, "remove"); remove && (keyed || multi[row] > 0) {
					b.Changes[0] = data.Delete
					delete(byKey, k)
					multi[row]--
				} else {
					byKey[k] = row
					multi[row]++
				}
				if err := f.Apply(b); err != nil {
					rt.Fatal(err)
				}
				if rapid.IntRange(0, 9).Draw(rt, "compact") == 0 {
					f.compact()
				}
			}
			var want, got []string
			if keyed {
				for _, row := range byKey {
					want = append(want, row)
				}
			} else {
				for row, n := range multi {
					for ; n > 0; n-- {
						want = append(want, row)
					}
				}
			}
			sort.Slice(want, func(i, j int) bool { // by key, then value
				a, b, _ := strings.Cut(want[i], "|")
				c, d, _ := strings.Cut(want[j], "|")
				return a < c || a == c && b < d
			})
			b := f.Sorted()
			for _, i := range b.Sel {
				got = append(got, fmt.Sprintf("%s|%d", b.Cols[0].Text(int(i)), b.Cols[1].Ints[i]))
			}
			if d := cmp.Diff(want, got); d != "" || f.Len() != len(want) {
				rt.Fatalf("keyed %v: %d rows (-want +got)\n%s", keyed, f.Len(), d)
			}
		})
	}
}

func TestNear(t *testing.T) {
	names := []string{"event_time", "user_id", "amount", "b"}
	for name, want := range map[string]string{"evnt_time": "event_time", "USER_ID": "user_id", "amuont": "amount", "price": "", "a": "", "B": "b"} {
		if got := Near(name, names); got != want {
			t.Errorf("Near(%s) = %q, want %q", name, got, want)
		}
	}
}
