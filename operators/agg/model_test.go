package agg

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"math/big"
	"slices"

	"tidemark/operators/data"
)

// model is an aggregate done by hand: it keeps all rows and looks at them one by
// one when it is asked.
type model struct {
	spec Spec
	f    *Func
	in   Rows
	rows []modelRow // as they were added
}

type modelRow struct {
	row int // of in
	seq int64
}

func (m *model) add(row int, seq int64) { m.rows = append(m.rows, modelRow{row, seq}) }

// retract takes the last row that is like row.
func (m *model) retract(row int) {
	for i := len(m.rows) - 1; i >= 0; i-- {
		if bytes.Equal(m.content(m.rows[i].row), m.content(row)) {
			m.rows = slices.Delete(m.rows, i, i+1)
			return
		}
	}
}

func (m *model) content(row int) []byte {
	var b []byte
	for _, v := range m.in.Cols {
		b = data.AppendElement(b, v, row)
	}
	return b
}

func (m *model) null(col int, r modelRow) bool { return m.in.Cols[col].IsNull(r.row) }

// without returns the rows whose column col is not NULL.
func (m *model) without(rows []modelRow, col int) []modelRow {
	var kept []modelRow
	for _, r := range rows {
		if !m.null(col, r) {
			kept = append(kept, r)
		}
	}
	return kept
}

// sorted returns rows by a column, those without it where nullsFirst says, and
// equal ones by arrival. It sorts by insertion, the plainest way there is.
func (m *model) sorted(rows []modelRow, keys []OrderKey, first int) []modelRow {
	less := func(a, b modelRow) bool {
		for k, key := range keys {
			v := m.in.Cols[first+k]
			an, bn := v.IsNull(a.row), v.IsNull(b.row)
			switch {
			case an && bn:
				continue
			case an || bn:
				return an == key.NullsFirst
			}
			c := compareFully(v, a.row, b.row)
			if key.Desc {
				c = -c
			}
			if c != 0 {
				return c < 0
			}
		}
		return a.seq < b.seq
	}
	var out []modelRow
	for _, r := range rows {
		i := len(out)
		for i > 0 && less(r, out[i-1]) {
			i--
		}
		out = slices.Insert(out, i, r)
	}
	return out
}

// compareFully is data.Compare, with intervals of one length by their months.
func compareFully(v *data.Vector, i, j int) int {
	c := data.Compare(v, i, v, j)
	if c == 0 && v.Type.Kind == data.Interval {
		return cmp.Compare(v.Wides[v.Index(i)].Hi, v.Wides[v.Index(j)].Hi)
	}
	return c
}

// distinct returns the first of the rows with each value of column 0.
func (m *model) distinct(rows []modelRow) []modelRow {
	var out []modelRow
	for _, r := range rows {
		v := m.in.Cols[0]
		if !slices.ContainsFunc(out, func(o modelRow) bool { return data.Equal(v, o.row, v, r.row) }) {
			out = append(out, r)
		}
	}
	return out
}

// rat returns a number exactly; ok is false for NaN and infinities.
func (m *model) rat(col int, r modelRow) (x *big.Rat, ok bool) {
	v := m.in.Cols[col]
	if v.Type.Kind == data.Double {
		f := v.Floats[v.Index(r.row)]
		return new(big.Rat).SetFloat64(f), f-f == 0
	}
	if v.Type.Kind == data.Interval {
		w := data.IntervalLength(v.Wides[v.Index(r.row)])
		return new(big.Rat).SetInt(w.Big()), true
	}
	return new(big.Rat).SetString(string(data.AppendText(nil, v, r.row)))
}

func (m *model) text(col int, r modelRow) string {
	v := m.in.Cols[col]
	if v.IsNull(r.row) {
		return "NULL"
	}
	if v.Type.Kind == data.Double {
		return doubleText(v.Floats[v.Index(r.row)])
	}
	return string(data.AppendText(nil, v, r.row))
}

func (m *model) json(col int, r modelRow) string {
	return string(data.AppendJSON(nil, m.in.Cols[col], r.row))
}

// doubleText tells doubles apart to the bit, but for NaNs.
func doubleText(f float64) string {
	if f != f {
		f = math.NaN()
	}
	return fmt.Sprintf("%x", math.Float64bits(f))
}

// result returns what the aggregate gives, as text.
func (m *model) result() string {
	rows := slices.Clone(m.rows)
	switch m.f.Name {
	case "ARG_MIN", "ARG_MAX":
		rows = m.sorted(m.without(rows, 1), []OrderKey{{Desc: m.f.Name == "ARG_MAX"}}, 1)
		return m.at(rows, 0)
	case "FIRST_VALUE", "LAST_VALUE":
		if m.spec.IgnoreNulls {
			rows = m.without(rows, 0)
		}
		keys := m.spec.Order
		if len(keys) == 0 && m.spec.Time {
			keys = []OrderKey{{}}
		}
		rows = m.sorted(rows, keys, 1)
		if m.f.Name == "LAST_VALUE" {
			return m.at(rows, len(rows)-1)
		}
		return m.at(rows, 0)
	case "ARRAY_AGG", "STRING_AGG", "JSON_ARRAYAGG", "JSON_AGG", "JSON_OBJECTAGG":
		return m.list(rows)
	case "CORR", "COVAR_POP", "COVAR_SAMP":
		return m.pairs(m.without(m.without(rows, 0), 1))
	case "WINDOW_COMPLETENESS":
		return fmt.Sprintf("%x", math.Float64bits(min(1, float64(len(rows))/3)))
	case "COUNT":
		if len(m.in.Cols) == 0 {
			return fmt.Sprint(len(rows))
		}
	}
	rows = m.without(rows, 0)
	if m.spec.Distinct {
		rows = m.distinct(rows)
	}
	switch m.f.Name {
	case "COUNT", "APPROX_COUNT_DISTINCT":
		if m.f.Name != "COUNT" {
			rows = m.distinct(rows)
		}
		return fmt.Sprint(len(rows))
	case "COUNT_IF":
		return fmt.Sprint(m.trues(rows))
	}
	if len(rows) == 0 {
		return "NULL"
	}
	sorted := m.sorted(rows, []OrderKey{{}}, 0)
	switch m.f.Name {
	case "MIN", "ANY_VALUE":
		return m.at(sorted, 0)
	case "MAX":
		return m.at(sorted, len(sorted)-1)
	case "BOOL_AND":
		return fmt.Sprint(m.trues(rows) == len(rows))
	case "BOOL_OR":
		return fmt.Sprint(m.trues(rows) > 0)
	case "BIT_AND_AGG", "BIT_OR_AGG", "BIT_XOR_AGG":
		return m.bits(rows)
	case "SUM", "AVG":
		return m.sum(rows)
	case "VAR_POP", "VAR_SAMP", "STDDEV_POP", "STDDEV_SAMP":
		return m.variance(rows)
	case "MODE":
		return m.mode(sorted)
	case "MEDIAN", "PERCENTILE_CONT":
		return m.continuous(sorted)
	case "PERCENTILE_DISC":
		return m.at(sorted, m.rank(len(sorted)))
	}
	return "no model of " + m.f.Name
}

func (m *model) at(rows []modelRow, i int) string {
	if len(rows) == 0 {
		return "NULL"
	}
	v := m.in.Cols[0]
	if m.spec.Distinct && v.Type.Kind == data.Interval && find(m.f.Name).distinct { // the plain one of its length
		return string(data.AppendInterval(nil, lengthInterval(data.IntervalLength(v.Wides[rows[i].row]))))
	}
	return m.text(0, rows[i])
}

func (m *model) trues(rows []modelRow) (n int) {
	for _, r := range rows {
		if v := m.in.Cols[0]; v.Bools[v.Index(r.row)] {
			n++
		}
	}
	return n
}

func (m *model) bits(rows []modelRow) string {
	var all []int64
	for _, r := range rows {
		all = append(all, m.in.Cols[0].Ints[m.in.Cols[0].Index(r.row)])
	}
	x := all[0]
	for _, y := range all[1:] {
		switch m.f.Name {
		case "BIT_AND_AGG":
			x &= y
		case "BIT_OR_AGG":
			x |= y
		default:
			x ^= y
		}
	}
	return fmt.Sprint(x)
}
