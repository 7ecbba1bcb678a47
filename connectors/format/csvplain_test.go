package format

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// plainSchema has a column of each kind that plainRecord knows, and some of others.
const plainSchema = "a BIGINT, i INT, d DECIMAL(12;2), f DOUBLE, t TIMESTAMP, s STRING, b BOOLEAN, y DATE, w DECIMAL(30;3)"

// plainConfig reads the first of them, or all with two conditions.
func plainConfig(t testing.TB, filtered bool, columns int) connectors.SourceConfig {
	cfg := config(schema(t, plainSchema), "format", "csv", "header", "false", "on_error", "skip")
	cfg.Needed = cfg.Needed[:min(columns, len(cfg.Needed))]
	if filtered {
		cfg.Needed = all(cfg.Schema)
		cfg.Always = []int{4}
		cfg.Filter = []connectors.Predicate{
			{Column: 3, Op: ">", Values: []*data.Vector{constant(t, data.Of(data.Double), "1.5")}},
			{Column: 1, Op: "<>", Values: []*data.Vector{constant(t, data.Of(data.Int), "7")}},
		}
	}
	return cfg
}

// quotedFields puts quotes around all fields that are not empty, so that plainRecord leaves
// the records to record.
func quotedFields(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		fields := strings.Split(line, ",")
		for k, f := range fields {
			if f != "" {
				fields[k] = `"` + f + `"`
			}
		}
		lines[i] = strings.Join(fields, ",")
	}
	return strings.Join(lines, "\n")
}

// samePlain holds what plainRecord makes of a text against what record makes of it.
func samePlain(t *testing.T, text string, filtered bool, columns uint8) {
	if strings.ContainsAny(text, "\"\r") {
		return
	}
	got, want := read(t, plainConfig(t, filtered, int(columns)), text, 1000, 7), read(t, plainConfig(t, filtered, int(columns)), quotedFields(text), 1000, 7)
	for _, r := range []*result{&got, &want} {
		for i, row := range r.rows {
			if fields := strings.Split(row, "|"); row[0] == '-' { // its time alone has a meaning
				r.rows[i] = fields[0] + " left out " + fields[5]
			}
		}
		for i, bad := range r.bad {
			r.bad[i], _, _ = strings.Cut(bad, "]") // the line and the column: the record is another
		}
	}
	if d := cmp.Diff(want.rows, got.rows) + cmp.Diff(want.bad, got.bad); d != "" {
		t.Fatalf("%q, filtered %t, %d columns (-quoted +plain)\n%s", text, filtered, columns, d)
	}
}

// plainValues are usual and unusual values of each column.
var plainValues = [][]string{
	{"1", "-5", "+3", "", " 4", "9223372036854775807", "99999999999999999999", "x", "007"},
	{"7", "2", "-1", "", "2147483648", "3 ", "x", "12"},
	{"1.25", "3", "-0.5", ".5", "1.", "123456.78", "1.234", "", "12345678901.00", "x"},
	{"2.5", "0.125", "37.123", "1e3", "-2.5E-3", "NaN", "", "3", "9007199254740993", "1.2345678901234567", ".", "1_0", "1e", "-"},
	{"2026-01-05T10:00:00Z", "2026-01-05 10:00:00", "2026-13-05T10:00:00Z", "", "x", "2026-01-05T10:00:00.5Z"},
	{"text", "", "ü", "\xff", "a longer text than two words", " x "},
	{"true", "f", "", "maybe", " false"},
	{"2026-01-05", "", "2026-02-30", "x"},
	{"1.125", "-123456789012345678901234567.5", "", "1e3", "x", "99999999999999999999999999999"},
}

// Every mixture of usual and unusual fields is read as the general decoder reads it.
func TestCSVPlainRecords(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for round := range 2000 {
		var text strings.Builder
		for range 1 + r.IntN(20) {
			fields := make([]string, len(plainValues))
			for c, values := range plainValues {
				fields[c] = values[0]
			}
			for range r.IntN(3) { // mostly plain: else the short way is not even tried
				c := r.IntN(len(plainValues))
				fields[c] = plainValues[c][r.IntN(len(plainValues[c]))]
			}
			switch r.IntN(20) {
			case 0:
				fields = fields[:len(fields)-1]
			case 1:
				fields = slices.Insert(fields, 2, "more")
			}
			text.WriteString(strings.Join(fields, ",") + "\n")
		}
		samePlain(t, text.String(), round%2 == 0, uint8(r.IntN(12)))
	}
}

// FuzzCSVPlain does the same for any text.
func FuzzCSVPlain(f *testing.F) {
	f.Add("1,7,1.25,2.5,2026-01-05T10:00:00Z,text,true,2026-01-05,1\n1,2,3,1e5,2026-01-05T10:00:00Z,x,,,\n", true, uint8(9))
	f.Add("1,2,-3.5,.5,2026-01-05 10:00:00,,t,2026-01-06,-7.25\n,,,,,,,,\n", false, uint8(3))
	f.Fuzz(samePlain)
}
