package querytest

import (
	"fmt"
	"slices"
	"strings"

	"tidemark/parser"
)

// diff is how what came differs from what was expected.
type diff struct {
	rows []diffRow
	// missing and extra count rows that did not come, and that were not expected.
	missing, extra, want, got int
	changes                   bool
}

// diffRow is a row of a diff: '-' is expected and has not come, '+' has come and is not
// expected, ' ' is as expected.
type diffRow struct {
	sign byte
	text string
}

func (d *diff) same() bool { return d.missing == 0 && d.extra == 0 }

func (d *diff) add(sign byte, r *rows, i int) {
	d.rows = append(d.rows, diffRow{sign, r.line(i, d.changes)})
	switch sign {
	case '-':
		d.missing++
	case '+':
		d.extra++
	}
}

// diffSets compares rows in any order. Rows that differ come in the order of what came,
// each expected one before the one that is most like it.
func diffSets(got, want *rows) *diff {
	d := &diff{want: want.len(), got: got.len()}
	byKey := map[string][]int{} // of what came, not matched yet
	for i := range got.len() {
		k := got.exactKey(i)
		byKey[k] = append(byKey[k], i)
	}
	matched := make([]bool, got.len())
	var missing []int
	for k := range want.len() {
		key := want.exactKey(k)
		at := slices.IndexFunc(byKey[key], func(i int) bool { return sameRow(got, i, want, k, len(want.cols)) })
		if at < 0 {
			missing = append(missing, k)
			continue
		}
		matched[byKey[key][at]] = true
		byKey[key] = slices.Delete(byKey[key], at, at+1)
	}
	for i := range got.len() {
		if matched[i] {
			d.add(' ', got, i)
			continue
		}
		if k := mostAlike(got, i, want, missing); k >= 0 {
			d.add('-', want, missing[k])
			missing = slices.Delete(missing, k, k+1)
		}
		d.add('+', got, i)
	}
	for _, k := range missing {
		d.add('-', want, k)
	}
	return d
}

// mostAlike returns which of the expected rows shares most values with row i, at least
// its first one or half of them; −1 when none does.
func mostAlike(got *rows, i int, want *rows, of []int) int {
	best, score := -1, 0
	for n, k := range of {
		same := 0
		for c := range got.cols {
			if sameCell(got.cols[c], i, want.cols[c], k) {
				same++
			}
		}
		if same > score && 2*same >= len(got.cols) {
			best, score = n, same
		}
	}
	return best
}

// diffLists compares changes in order: it aligns them so that as many as possible are
// the same. known has how many columns of each expected row are given.
func diffLists(got, want *rows, known, key []int) *diff {
	d := &diff{want: want.len(), got: got.len(), changes: true}
	n, m := got.len(), want.len()
	same := func(i, k int) bool {
		if got.changes[i] != want.changes[k] {
			return false
		}
		if known[k] < len(want.cols) { // the key alone
			return !slices.ContainsFunc(key, func(c int) bool { return !sameCell(got.cols[c], i, want.cols[c], k) })
		}
		return sameRow(got, i, want, k, len(want.cols))
	}
	begin := 0
	for begin < n && begin < m && same(begin, begin) {
		begin++
	}
	if begin == n && begin == m {
		return d
	}
	const most = 2000 // rows that are aligned: more would take long, and nobody reads them
	if n-begin > most || m-begin > most {
		for k := begin; k < m; k++ {
			d.add('-', want, k)
		}
		for i := begin; i < n; i++ {
			d.add('+', got, i)
		}
		return d
	}
	// The lengths of the longest common subsequences of the ends.
	length := make([][]int, n+1)
	for i := range length {
		length[i] = make([]int, m+1)
	}
	for i := n - 1; i >= begin; i-- {
		for k := m - 1; k >= begin; k-- {
			if same(i, k) {
				length[i][k] = length[i+1][k+1] + 1
			} else {
				length[i][k] = max(length[i+1][k], length[i][k+1])
			}
		}
	}
	for i := range begin {
		d.add(' ', got, i)
	}
	i, k := begin, begin
	for i < n || k < m {
		switch {
		case i < n && k < m && same(i, k):
			d.add(' ', got, i)
			i, k = i+1, k+1
		case k < m && (i == n || length[i][k+1] >= length[i+1][k]):
			d.add('-', want, k)
			k++
		default:
			d.add('+', got, i)
			i++
		}
	}
	return d
}

// summary says in one line what is wrong.
func (d *diff) summary(e *parser.Expect, name string) string {
	what := "row"
	if d.changes {
		what = "change"
	}
	if d.want == 0 {
		if d.changes {
			return fmt.Sprintf("%s was expected not to change, and has %s", name, count(d.got, what))
		}
		return fmt.Sprintf("%s was expected to be empty, and has %s", name, count(d.got, what))
	}
	if d.got == 0 {
		return fmt.Sprintf("%s has no %ss, expected %s", name, what, count(d.want, what))
	}
	var parts []string
	if d.missing > 0 {
		parts = append(parts, fmt.Sprintf("%d of %s did not come", d.missing, count(d.want, "expected "+what)))
	}
	if d.extra > 0 {
		parts = append(parts, fmt.Sprintf("%s came that was not expected", count(d.extra, what)))
		if d.extra > 1 {
			parts[len(parts)-1] = fmt.Sprintf("%s came that were not expected", count(d.extra, what))
		}
	}
	return name + ": " + strings.Join(parts, ", ")
}

// shownRows is how many rows as expected are shown around those that are not.
const shownRows = 3

// lines shows the rows that differ, and a few around them.
func (d *diff) lines() []string {
	if d.got == 0 && d.want == 0 {
		return nil
	}
	near := func(i int) bool {
		for k := max(0, i-shownRows); k <= i+shownRows && k < len(d.rows); k++ {
			if d.rows[k].sign != ' ' {
				return true
			}
		}
		return false
	}
	out := []string{"- expected   + got"}
	skipped := 0
	flush := func() {
		if skipped > 0 {
			out = append(out, fmt.Sprintf("  … %s as expected", count(skipped, "row")))
		}
		skipped = 0
	}
	for i, r := range d.rows {
		if r.sign == ' ' && !near(i) {
			skipped++
			continue
		}
		flush()
		out = append(out, string(r.sign)+" "+r.text)
		if len(out) > 60 {
			return append(out, fmt.Sprintf("  … and %s more", count(len(d.rows)-i-1, "row")))
		}
	}
	flush()
	return out
}
