package format

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// loose is a row whose values do not all fit what they may be declared as.
type loose struct {
	N     int64    `parquet:"n"`
	Raw   []byte   `parquet:"raw"`
	Text  string   `parquet:"text,json"`
	Day   int32    `parquet:"day,date"`
	Cents int32    `parquet:"cents,decimal(2:9)"`
	Doc   item     `parquet:"doc"`
	Maybe *string  `parquet:"maybe"`
	Many  []string `parquet:"many,list"`
}

func looseFile(t *testing.T) string {
	yes, price := "yes", int32(7)
	return writeParquet(t, t.TempDir(), []loose{
		{N: 1, Raw: []byte("12"), Text: "1", Day: 1, Cents: 150, Doc: item{Price: &price, Sizes: []float64{1}}, Maybe: &yes, Many: []string{"a"}},
		{N: 3_000_000_000, Raw: []byte("x\xff"), Text: "[1, 2]", Day: -1, Cents: -1},
		{N: -5, Raw: []byte("7"), Text: `"q"`, Day: 20000, Cents: 999999999, Maybe: &yes, Many: []string{"1", "b\xff"}},
	})
}

// Values become those of the declared type where that keeps them; what it does
// not keep is a bad record, and a type that could not keep any is refused.
func TestParquetDeclared(t *testing.T) {
	path := looseFile(t)
	name := filepath.Base(path)
	integer, text := data.Of(data.BigInt), data.Of(data.String)
	for _, c := range []struct {
		column string
		typ    data.Type
		want   string
	}{
		{"N", integer, "1 3000000000 -5"},
		{"n", data.Of(data.Int), `1 -5; 2 [n] column n: '3000000000' is out of range for INT: {"n":null}`},
		{"n", data.DecimalType(38, 2), "1.00 3000000000.00 -5.00"},
		{"n", data.DecimalType(5, 2), `1.00 -5.00; 2 [n] column n: '3000000000' is out of range for DECIMAL(5,2): {"n":null}`},
		{"n", data.Of(data.Double), "1 3000000000 -5"},
		{"n", text, "1 3000000000 -5"},
		{"raw", text, `12 7; 2 [raw] column raw: the text is not valid UTF-8: {"raw":null}`},
		{"raw", data.Of(data.Bytes), "MTI= eP8= Nw=="},
		{"text", text, `1 [1, 2] "q"`},
		{"text", data.Of(data.JSON), `1 [1, 2] "q"`},
		{"day", data.Of(data.Timestamp), "1970-01-02T00:00:00Z 1969-12-31T00:00:00Z 2024-10-04T00:00:00Z"},
		{"day", text, "1970-01-02 1969-12-31 2024-10-04"},
		{"cents", data.DecimalType(9, 4), `1.5000 -0.0100; 3 [cents] column cents: '9999999.99' is out of range for DECIMAL(9,4): {"cents":null}`},
		{"cents", data.Of(data.Double), "1.5 -0.01 9999999.99"},
		{"maybe", data.Of(data.Boolean), "true NULL true"},
		{"maybe", data.Of(data.BigInt), `NULL; 1 [maybe] column maybe: 'yes' is not a valid BIGINT: {"maybe":null}; 3 [maybe] column maybe: 'yes' is not a valid BIGINT: {"maybe":null}`},
		{"doc", data.Of(data.JSON), `{"price":7,"sizes":[1]} {"price":null,"sizes":[]} {"price":null,"sizes":[]}`},
		{"doc", text, `{"price":7,"sizes":[1]} {"price":null,"sizes":[]} {"price":null,"sizes":[]}`},
		{"doc", data.RowOf(data.Field{Name: "SIZES", Type: data.ArrayOf(text)}), `{"SIZES":["1"]} {"SIZES":[]} {"SIZES":[]}`},
		{"doc", data.RowOf(data.Field{Name: "Price", Type: integer}), `{"Price":7} {"Price":null} {"Price":null}`},
		{"many", data.ArrayOf(data.Of(data.Bytes)), `["YQ=="] [] ["MQ==","Yv8="]`},
		{"many", data.ArrayOf(text), `["a"] []; 3 [many] column many[]: the text is not valid UTF-8: {"many":["1","b` + "\xff" + `"]}`},

		{"n", data.Of(data.Timestamp), "column n is declared TIMESTAMP, and in the file it is BIGINT: declare it so, and CAST it where it is used"},
		{"cents", integer, "column cents is declared BIGINT, and in the file it is DECIMAL(9,2): declare it so, and CAST it where it is used"},
		{"cents", data.DecimalType(9, 1), "column cents is declared DECIMAL(9,1), and in the file it is DECIMAL(9,2): declare it so, and CAST it where it is used"},
		{"many", text, `["a"] []; 3 [many] column many[]: the text is not valid UTF-8: {"many":"[\"1\",\"b` + "\xff" + `\"]"}`},
		{"many", data.ArrayOf(data.ArrayOf(text)), "column many[] is declared ARRAY<STRING>, and in the file it is STRING: declare it so, and CAST it where it is used"},
		{"doc", data.ArrayOf(text), "column doc is declared ARRAY<STRING>, and in the file it is ROW<price INT,sizes ARRAY<DOUBLE>>: declare it so, and CAST it where it is used"},
		{"doc", data.RowOf(data.Field{Name: "prize", Type: integer}), "column doc has no field prize in the file (did you mean price?); it has price, sizes"},
		{"m", integer, "the file has no column m; it has n, raw, text, day, cents, doc, maybe, many"},
	} {
		cfg := config(data.Schema{{Name: c.column, Type: c.typ}}, "format", "parquet", "on_error", "skip")
		res := readParquet(t, cfg, path, 2, 2)
		got := strings.TrimPrefix(res.err, name+": ")
		if res.err == "" {
			var cells []string
			for _, row := range res.rows {
				_, cell, _ := strings.Cut(row, "|")
				cells = append(cells, cell)
			}
			got = strings.Join(append([]string{strings.Join(cells, " ")}, res.bad...), "; ")
		}
		if got != c.want {
			t.Errorf("%s %s:\n%s\nwant\n%s", c.column, c.typ, got, c.want)
		}
	}
}

// Rows around a bad one keep their places, under on_error = 'fail' up to it.
func TestParquetBadRows(t *testing.T) {
	path := looseFile(t)
	s := data.Schema{{Name: "maybe", Type: data.Of(data.String)}, {Name: "n", Type: data.Of(data.Int)}}
	const outOfRange = `2 [n] column n: '3000000000' is out of range for INT: {"maybe":null,"n":null}`
	const null = `2 [maybe] column maybe is NULL, and it is declared NOT NULL: {"maybe":null,"n":null}`
	const time = `2 [maybe] column maybe is NULL, and it is the event time: {"maybe":null}`
	for _, c := range []struct {
		needed, required, always []int
		rows, bad, onError       string
		filter                   []connectors.Predicate
	}{
		{needed: []int{0, 1}, onError: "skip", rows: "1|yes|1 3|yes|-5", bad: outOfRange},
		{needed: []int{0, 1}, onError: "fail", rows: "1|yes|1", bad: outOfRange},
		{needed: []int{0, 1}, required: []int{0}, onError: "skip", rows: "1|yes|1 3|yes|-5", bad: outOfRange},
		{needed: []int{0}, required: []int{0}, onError: "skip", rows: "1|yes 3|yes", bad: strings.Replace(null, `,"n":null`, "", 1)},
		{needed: []int{0}, required: []int{0}, always: []int{0}, onError: "fail", rows: "1|yes", bad: time},
		// A row that fails the filter is not looked at, but for the event time; here
		// the bounds tell that all do.
		{needed: []int{0}, required: []int{0}, onError: "skip", rows: "-1|NULL -2|NULL -3|NULL", filter: []connectors.Predicate{{Op: "=", Values: []*data.Vector{constant(t, s[0].Type, "no")}}}},
		{needed: []int{0}, required: []int{0}, always: []int{0}, onError: "skip", rows: "-1|yes -3|yes", bad: time, filter: []connectors.Predicate{{Op: "=", Values: []*data.Vector{constant(t, s[0].Type, "no")}}}},
		{needed: []int{0}, required: []int{0}, always: []int{0}, onError: "skip", rows: "1|yes 3|yes", bad: time, filter: []connectors.Predicate{{Op: "=", Values: []*data.Vector{constant(t, s[0].Type, "yes")}}}},
	} {
		cfg := config(s, "format", "parquet", "on_error", c.onError)
		cfg.Needed, cfg.Required, cfg.Always, cfg.Filter = c.needed, c.required, c.always, c.filter
		for _, size := range []int{1, 2, 3} {
			res := readParquet(t, cfg, path, 3, size)
			if got, bad := strings.Join(res.rows, " "), strings.Join(res.bad, " "); got != c.rows || bad != c.bad {
				t.Errorf("%v in batches of %d:\n%s; %s\nwant\n%s; %s", c.needed, size, got, bad, c.rows, c.bad)
			}
			want := int64(3)
			if c.onError == "fail" {
				want = 2
			}
			if res.count != want {
				t.Errorf("%d records, want %d", res.count, want)
			}
		}
	}
}

// Local times are in the zone of the source.
func TestParquetLocalTimes(t *testing.T) {
	type row struct {
		At int64 `parquet:"at,timestamp(microsecond:local)"`
	}
	path := writeParquet(t, t.TempDir(), []row{{At: 1_767_603_600_000_000}, {At: 1_783_252_800_000_000}}) // 2026-01-05 09:00, 2026-07-05 12:00
	cfg, err := parquetConfig(t, path, "time_zone", "Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(readParquet(t, cfg, path, 9, 9).rows, " "); got != "1|2026-01-05T08:00:00Z 2|2026-07-05T10:00:00Z" {
		t.Error(got)
	}
}

func TestNotParquet(t *testing.T) {
	dir := t.TempDir()
	whole, err := os.ReadFile(writeParquet(t, dir, []numbered{{N: 1}}))
	if err != nil {
		t.Fatal(err)
	}
	long := bytes.Clone(whole)
	copy(long[len(long)-8:], "\xff\xff\xff\x7f")
	noise := bytes.Clone(whole)
	for i := len(noise) - 60; i < len(noise)-8; i++ {
		noise[i] = 0xff
	}
	for name, c := range map[string]struct {
		bytes []byte
		want  string
	}{
		"empty":     {nil, "no parquet file: it has only 0 bytes"},
		"csv":       {[]byte("a,b\n1,2\n1,2\n1,2\n1,2\n"), "no parquet file: it does not begin with PAR1"},
		"cut":       {whole[:len(whole)-20], "does not end as a parquet file does: is it cut off, or still being written?"},
		"encrypted": {append([]byte("PARE"), whole[4:]...), "is encrypted: write it without encryption"},
		"length":    {long, "is damaged: the length of its description cannot be read; write the file again"},
		"noise":     {noise, "is damaged: what it says of its columns cannot be read; write the file again"},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, c.bytes, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := parquetConfig(t, path); err == nil || err.Error() != name+": "+c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := InferParquet(openTest(t, dir), "dir"); err == nil {
		t.Error("a folder was read")
	}
}

// plainly is what errors about damage look like.
var plainly = regexp.MustCompile(`^x: (is damaged: .* cannot be read; write the file again|no parquet file: .*|does not end as .*|is encrypted: .*|is compressed with .*|cannot be read: (its schema .*|.* is a group without fields)|.*: a value, or .* larger than 1 GiB|column .* is .*, which no type is for: .*|the columns of x cannot be told: .*)$`)

// readDamaged reads a file that may be anything, and reports how it went.
func readDamaged(t testing.TB, content []byte) string {
	path := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	cfg, err := parquetConfig(t, path, "on_error", "skip")
	if err != nil {
		if !plainly.MatchString(err.Error()) {
			t.Errorf("no plain error: %v", err)
		}
		return err.Error()
	}
	res := readParquet(t, cfg, path, 100, 64)
	if res.err != "" && !plainly.MatchString(res.err) {
		t.Errorf("no plain error: %v", res.err)
	}
	return res.err
}

// A damaged file gives an error that names it, or wrong values; it never panics.
func TestDamagedParquet(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	found := 0
	for _, name := range []string{"types_none", "types_zstd", "nested", "pages_plain", "int96"} {
		whole, err := os.ReadFile("testdata/parquet/" + name + ".parquet")
		if err != nil {
			t.Fatal(err)
		}
		if why := readDamaged(t, whole); why != "" {
			t.Fatal(why)
		}
		for range 150 {
			damaged := bytes.Clone(whole)
			for range 1 + rnd.IntN(4) {
				damaged[rnd.IntN(len(damaged))] ^= 1 << rnd.IntN(8)
			}
			if rnd.IntN(4) == 0 {
				at := rnd.IntN(len(damaged))
				damaged = append(damaged[:at:at], damaged[min(len(damaged), at+1+rnd.IntN(9)):]...)
			}
			if readDamaged(t, damaged) != "" {
				found++
			}
		}
	}
	if found < 100 {
		t.Errorf("only %d damages were found", found)
	}
}

func FuzzParquet(f *testing.F) {
	files, _ := filepath.Glob("testdata/parquet/*.parquet")
	for _, name := range files {
		if content, err := os.ReadFile(name); err == nil && len(content) < 10_000 {
			f.Add(content)
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) { readDamaged(t, content) })
}
