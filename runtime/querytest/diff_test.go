package querytest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"tidemark/operators/data"
)

// table makes rows of a text, an integer and a DOUBLE: "a 1 1.5", with +I and the like in
// front of changes.
func table(t *testing.T, lines ...string) *rows {
	t.Helper()
	schema := data.Schema{{Name: "k", Type: data.Of(data.String)}, {Name: "n", Type: data.Of(data.BigInt)}, {Name: "x", Type: data.Of(data.Double)}}
	r := newRows(schema)
	for _, line := range lines {
		fields := strings.Fields(line)
		change := data.Insert
		if c, ok := changeNames[fields[0]]; ok {
			change, fields = c, fields[1:]
		}
		for i, v := range r.cols {
			if i >= len(fields) || fields[i] == "NULL" {
				v.AppendNull()
				continue
			}
			if err := data.NewTextParser(schema[i].Type, nil).Append(v, []byte(fields[i])); err != nil {
				t.Fatal(err)
			}
		}
		r.changes = append(r.changes, change)
	}
	return r
}

func signs(d *diff) string {
	var b strings.Builder
	for _, r := range d.rows {
		b.WriteByte(r.sign)
	}
	return b.String()
}

func TestDiffSets(t *testing.T) {
	for _, c := range []struct {
		got, want []string
		signs     string
	}{
		{[]string{"a 1 1", "b 2 2"}, []string{"b 2 2", "a 1 1"}, "  "},
		{[]string{"a 1 1", "a 1 1"}, []string{"a 1 1"}, " +"},
		{[]string{"a 1 1"}, []string{"a 1 1", "a 1 1"}, " -"},
		{[]string{"a 1 1", "b 2 2"}, []string{"a 1 2", "c 9 9"}, "-++-"},
		{[]string{"a 1 0.30000000000000004"}, []string{"a 1 0.3"}, " "},
		{[]string{"a 1 0.3000001"}, []string{"a 1 0.3"}, "-+"},
		{[]string{"a NULL NULL"}, []string{"a NULL NULL"}, " "},
		{[]string{"a 0 0"}, []string{"a NULL NULL"}, "+-"},
		{[]string{"a 1 NaN", "a 1 -0"}, []string{"a 1 0", "a 1 NaN"}, "  "},
		{nil, nil, ""},
	} {
		if got := signs(diffSets(table(t, c.got...), table(t, c.want...))); got != c.signs {
			t.Errorf("%v against %v: %q, want %q", c.got, c.want, got, c.signs)
		}
	}
}

func TestDiffLists(t *testing.T) {
	all := func(n int) []int {
		known := make([]int, n)
		for i := range known {
			known[i] = 3
		}
		return known
	}
	for _, c := range []struct {
		got, want []string
		signs     string
	}{
		{[]string{"+I a 1 1", "+I b 2 2"}, []string{"+I b 2 2", "+I a 1 1"}, "- +"},
		{[]string{"+I a 1 1", "-U a 1 1", "+U a 2 2"}, []string{"+I a 1 1", "+U a 2 2"}, " + "},
		{[]string{"+I a 1 1"}, []string{"-D a 1 1"}, "-+"},
		{[]string{"+I a 1 1"}, nil, "+"},
	} {
		d := diffLists(table(t, c.got...), table(t, c.want...), all(len(c.want)), nil)
		if got := signs(d); got != c.signs {
			t.Errorf("%v against %v: %q, want %q", c.got, c.want, got, c.signs)
		}
	}
	// A deletion is told by its key.
	d := diffLists(table(t, "-D a 1 1", "-D b 2 2"), table(t, "-D a", "-D c"), []int{1, 1}, []int{0})
	if got := signs(d); got != " -+" {
		t.Errorf("by key: %q", got)
	}
}

// TestDiffIsComplete checks that a diff of random rows has every row of both sides, and
// calls the same only what is.
func TestDiffIsComplete(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		side := func() (lines []string) {
			for range random.IntN(6) {
				lines = append(lines, fmt.Sprintf("%c %d 1", 'a'+rune(random.IntN(2)), random.IntN(2)))
			}
			return lines
		}
		a, b := side(), side()
		known := make([]int, len(b))
		for i := range known {
			known[i] = 3
		}
		for kind, d := range []*diff{diffSets(table(t, a...), table(t, b...)), diffLists(table(t, a...), table(t, b...), known, nil)} {
			if d.same() && len(d.rows) == 0 {
				if len(a) != len(b) {
					t.Fatalf("%v and %v are taken for the same", a, b)
				}
				continue
			}
			count := map[byte]int{}
			for _, r := range d.rows {
				count[r.sign]++
			}
			if count[' ']+count['+'] != len(a) || count[' ']+count['-'] != len(b) {
				t.Fatalf("diff %d of %v and %v: %q", kind, a, b, signs(d))
			}
		}
	}
}

func TestCell(t *testing.T) {
	r := table(t, "it's -5 1.5", "x 1 Infinity", "y NULL 1e300")
	for i, want := range []string{"('it''s', -5, 1.5)", "('x', 1, 'Infinity')", "('y', NULL, 1e+300)"} {
		if got := r.line(i, false); !strings.EqualFold(got, want) {
			t.Errorf("row %d is %s, want %s", i, got, want)
		}
	}
}
