package agg

import "tidemark/operators/data"

// picker turns the rows of an Update into positions of values that are there, so
// that the loops over them need not look for NULLs and constants. The zero value
// is ready; its memory is reused from call to call.
type picker struct {
	groups, rows []int32
	zeros        []int32
}

// pick returns the groups and value positions of the rows of arg that are not NULL.
func (p *picker) pick(groups, rows []int32, arg *data.Vector) (g, at []int32) {
	switch {
	case arg.Const && arg.IsNull(0):
		return nil, nil
	case arg.Const:
		for len(p.zeros) < len(rows) {
			p.zeros = append(p.zeros, 0)
		}
		return groups, p.zeros[:len(rows)]
	case arg.Null == nil:
		return groups, rows
	}
	p.groups, p.rows = p.groups[:0], p.rows[:0]
	for k, r := range rows {
		if !arg.Null[r] {
			p.groups = append(p.groups, groups[k])
			p.rows = append(p.rows, r)
		}
	}
	return p.groups, p.rows
}

func (p *picker) bytes() int64 { return int64(4 * (cap(p.groups) + cap(p.rows) + cap(p.zeros))) }

// extend returns s with length n, the new elements being empty.
func extend[T any](s []T, n int, empty T) []T {
	old := len(s)
	if n <= old {
		return s
	}
	if n > cap(s) {
		grown := make([]T, n, max(n, grownCap(cap(s))))
		copy(grown, s)
		s = grown
	} else {
		s = s[:n]
	}
	for i := range s[old:] {
		s[old+i] = empty
	}
	return s
}

// grownCap returns the room that accumulators are given which have filled theirs. All
// of it counts as state, so that where there are many it grows by a sixth.
func grownCap(full int) int {
	if full < 1<<8 {
		return max(16, 2*full)
	}
	return full + full/6
}
