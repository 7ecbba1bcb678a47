package dataflow

import (
	"slices"

	"tidemark/operators/data"
)

// gather copies the picked rows to the output.
func (m *merge) gather() {
	if len(m.picks) == 0 {
		return
	}
	for i := range m.inputs {
		m.batches[i] = m.inputs[i].batch
	}
	gatherPicks(m.output(), m.batches, m.picks)
	m.picks = m.picks[:0]
}

// gatherPicks copies picked rows of batches, nil where an input has none in hand,
// to o, with their changes.
func gatherPicks(o *data.Batch, batches []*data.Batch, picks []pick) {
	for c, dst := range o.Cols {
		gatherColumn(dst, c, batches, picks)
	}
	for _, b := range batches {
		if b != nil && b.Changes != nil {
			o.KeepChanges()
		}
	}
	if o.Changes == nil {
		o.N += len(picks)
		return
	}
	for _, p := range picks {
		o.AddRows(1, batches[p.input].Change(int(p.row)), 0)
	}
}

// gatherColumn copies the picked rows of one column. The class is looked up once
// for all of them, as results can be as large as inputs.
func gatherColumn(dst *data.Vector, c int, batches []*data.Batch, picks []pick) {
	plain := dst.Null == nil
	cols := make([]*data.Vector, len(batches))
	for i, b := range batches {
		if b != nil {
			cols[i] = b.Cols[c]
			plain = plain && cols[i].Null == nil
		}
	}
	class := dst.Type.Class()
	switch {
	case plain && class == data.ClassInt:
		var out []int64
		dst.Ints, out = extend(dst.Ints, len(picks))
		for k, p := range picks {
			v := cols[p.input]
			out[k] = v.Ints[v.Index(int(p.row))]
		}
	case plain && class == data.ClassBool:
		var out []bool
		dst.Bools, out = extend(dst.Bools, len(picks))
		for k, p := range picks {
			v := cols[p.input]
			out[k] = v.Bools[v.Index(int(p.row))]
		}
	case plain && class == data.ClassWide:
		var out []data.Int128
		dst.Wides, out = extend(dst.Wides, len(picks))
		for k, p := range picks {
			v := cols[p.input]
			out[k] = v.Wides[v.Index(int(p.row))]
		}
	case plain && class == data.ClassBytes:
		var out []uint32
		dst.Offsets, out = extend(dst.Offsets, len(picks))
		for k, p := range picks {
			v := cols[p.input]
			i := v.Index(int(p.row))
			dst.Bytes = append(dst.Bytes, v.Bytes[v.Offsets[i]:v.Offsets[i+1]]...)
			out[k] = uint32(len(dst.Bytes))
		}
	default:
		for _, p := range picks {
			dst.AppendFrom(cols[p.input], int(p.row))
		}
	}
}

// extend makes a list n longer, and returns it and its new part, which is to be
// filled.
func extend[T any](list []T, n int) (all, fresh []T) {
	from := len(list)
	all = slices.Grow(list, n)[:from+n]
	return all, all[from:]
}
