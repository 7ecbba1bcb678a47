package expr

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"tidemark/operators/data"
)

// maxDistance is the most characters LEVENSHTEIN compares, as its time grows with
// the product of both lengths.
const maxDistance = 4096

var errDistance = fmt.Errorf("LEVENSHTEIN compares texts of up to %d characters, and one is longer", maxDistance)

func distanceEntries() []*entry {
	return inFamily("string", []*entry{
		{name: "LEVENSHTEIN", doc: "The least number of characters to insert, delete or replace to make one text of the other.",
			examples: [][2]string{{"LEVENSHTEIN('GUMBO', 'GAMBOL')", "2"}},
			overloads: []*Function{intFunction(data.Int, nil, data.String, data.String).perCall(func(*Call) kernel {
				var d distance
				return intRows(func(f *frame, i int) (int64, error) { return d.between(f.text(0, i), f.text(1, i)) })
			})}},
	})
}

// distance computes edit distances; it keeps its memory between rows.
type distance struct {
	a, b []rune
	row  []int32
}

// between is the algorithm of Wagner and Fischer with one row of the table. What
// both texts begin and end with alike costs nothing and is left out first.
func (d *distance) between(x, y []byte) (int64, error) {
	if bytes.Equal(x, y) {
		return 0, nil
	}
	if utf8.RuneCount(x) > maxDistance || utf8.RuneCount(y) > maxDistance {
		return 0, errDistance
	}
	d.a, d.b = appendChars(d.a[:0], x), appendChars(d.b[:0], y)
	a, b := d.a, d.b
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	row := d.row[:0]
	for k := range len(b) + 1 {
		row = append(row, int32(k))
	}
	d.row = row
	for i, c := range a {
		diagonal := row[0]
		row[0] = int32(i + 1)
		for k, e := range b {
			cost := diagonal
			if c != e {
				cost = 1 + min(diagonal, row[k], row[k+1])
			}
			diagonal, row[k+1] = row[k+1], cost
		}
	}
	return int64(row[len(b)]), nil
}

// appendChars appends the characters of s; a byte that is no UTF-8 is one above
// all others.
func appendChars(to []rune, s []byte) []rune {
	for len(s) > 0 {
		r, n := utf8.DecodeRune(s)
		if r == utf8.RuneError && n == 1 {
			r = utf8.MaxRune + 1 + rune(s[0])
		}
		to = append(to, r)
		s = s[n:]
	}
	return to
}
