package operators

import (
	"slices"

	"tidemark/operators/data"
)

// asofColumn is where the values of a column of one side are when it is emitted.
type asofColumn struct {
	from asofSource
	at   int // which column of the rows or of the key
}

type asofSource uint8

const (
	ofRow  asofSource = iota // in the rows that are kept
	ofTime                   // the row's time, by which it is listed
	ofKey                    // its key, of which there is one for all rows
)

// leftColumns returns where the values of the left side are, and which input columns are
// kept with its rows.
func (cfg *AsofJoinConfig) leftColumns() (list []asofColumn, kept []int) {
	for _, c := range cfg.Left {
		if c == cfg.Time {
			list = append(list, asofColumn{from: ofTime})
			continue
		}
		list, kept = append(list, asofColumn{ofRow, len(kept)}), append(kept, c)
	}
	return list, kept
}

// rightColumns returns them of the right side. A row of it is only ever joined by its
// key, so that this is not kept with it where equal keys are the same values.
func (cfg *AsofJoinConfig) rightColumns(in data.Schema) (list []asofColumn, kept []int) {
	for _, c := range cfg.Right {
		k := slices.Index(cfg.Keys, c)
		switch {
		case c == cfg.Time:
			list = append(list, asofColumn{from: ofTime})
		case k >= 0 && isExact(in[c].Type):
			list = append(list, asofColumn{ofKey, k})
		default:
			list, kept = append(list, asofColumn{ofRow, len(kept)}), append(kept, c)
		}
	}
	return list, kept
}

// isExact reports whether values of a type that are equal as keys are surely the same.
func isExact(t data.Type) bool {
	switch t.Class() {
	case data.ClassInt, data.ClassBool:
		return true
	case data.ClassBytes:
		return t.Kind == data.String || t.Kind == data.Bytes
	}
	return false
}

// asofRows are pairs of rows.
type asofRows struct {
	left, right           []int32 // right is -1 where there is none
	ids                   []int32 // of the right rows' keys, -1 like it
	leftTimes, rightTimes []int64
}

// add adds a left row with its match, -1 for none, at a time.
func (p *asofRows) add(l awaited, match int32, time int64) {
	id := int32(-1)
	if match >= 0 {
		id = l.part - 1
	}
	p.left, p.right, p.ids = append(p.left, l.row), append(p.right, match), append(p.ids, id)
	p.leftTimes, p.rightTimes = append(p.leftTimes, l.time), append(p.rightTimes, time)
}

func (p *asofRows) reset() {
	p.left, p.right, p.ids = p.left[:0], p.right[:0], p.ids[:0]
	p.leftTimes, p.rightTimes = p.leftTimes[:0], p.rightTimes[:0]
}

// gather appends the columns of pairs: those of the left rows, then of the right ones.
func (j *AsofJoin) gather(dst []*data.Vector, p *asofRows) {
	for c, col := range j.leftCols {
		if col.from == ofTime {
			appendTimes(dst[c], p.leftTimes, p.left)
		} else {
			Gather(dst[c], j.left.store.cols[col.at], p.left)
		}
	}
	dst = dst[len(j.leftCols):]
	for c, col := range j.rightCols {
		switch col.from {
		case ofTime:
			appendTimes(dst[c], p.rightTimes, p.right)
		case ofKey:
			gatherOrNull(dst[c], j.keys.table.Key(col.at), p.ids)
		default:
			gatherOrNull(dst[c], j.right.cols[col.at], p.right)
		}
	}
}

// appendTimes appends the times of rows, NULL for those that are negative.
func appendTimes(dst *data.Vector, times []int64, rows []int32) {
	for i, r := range rows {
		if r < 0 {
			dst.AppendNull()
		} else {
			dst.AppendInt(times[i])
		}
	}
}

// gatherOrNull appends rows of src, NULL for those that are negative.
func gatherOrNull(dst, src *data.Vector, rows []int32) {
	if len(rows) > 0 && slices.Min(rows) >= 0 {
		Gather(dst, src, rows)
		return
	}
	for _, r := range rows {
		if r < 0 {
			dst.AppendNull()
		} else {
			dst.AppendFrom(src, int(r))
		}
	}
}
