package agg

import (
	"encoding/binary"
	"iter"

	"tidemark/operators/data"
)

// arrivals keeps every row of a group, in the order of its keys and then of
// arrival: for lists, and for choices where rows are taken back.
type arrivals struct {
	args   []data.Type // the columns that are kept, the first ones
	keys   []sortKey
	needs  int // a column that rows are left out without, or -1
	result func(s *arrivals, out *data.Vector, g int32) error
	// found is set where rows are taken back: it finds a row by what it holds.
	found bool

	// ordered has the rows: sort key, arrival, the kept columns as elements and the
	// length of the sort key.
	ordered forest
	// contents has them, if found, as: length of the content, which is the sort key
	// and the kept columns, content, arrival.
	contents forest
	key, row []byte
}

const lengthLen = 4 // bytes of the length at the end of a row

func (s *arrivals) Resize(n int) {
	s.ordered.resize(n)
	s.contents.resize(n)
}

func (s *arrivals) Update(groups, rows []int32, in Rows) {
	for k, r := range rows {
		i := int(r)
		if s.needs >= 0 && in.Cols[s.needs].IsNull(i) {
			continue
		}
		s.key = appendSortKey(s.key[:0], s.keys, in, i)
		keyLen := len(s.key)
		s.key = s.appendColumns(s.key, in, i)
		s.add(groups[k], s.key, keyLen, in.arrival(r), 1)
	}
}

// Retract takes the last of the rows that are alike, or those that are known.
func (s *arrivals) Retract(groups, rows []int32, in Rows) {
	for k, r := range rows {
		i, g := int(r), groups[k]
		if s.needs >= 0 && in.Cols[s.needs].IsNull(i) {
			continue
		}
		s.key = appendSortKey(s.key[:0], s.keys, in, i)
		keyLen := len(s.key)
		s.key = s.appendColumns(s.key, in, i)
		if in.Arrivals != nil {
			s.add(g, s.key, keyLen, in.arrival(r), -1)
			continue
		}
		s.row = appendContent(s.row[:0], s.key)
		t := s.contents.lastWith(g, s.row)
		if t == 0 {
			continue
		}
		s.row = s.contents.appendKey(s.row[:0], t)
		seq := int64(binary.BigEndian.Uint64(s.row[len(s.row)-seqLen:]) ^ 1<<63)
		s.add(g, s.key, keyLen, seq, -1)
	}
}

func (s *arrivals) appendColumns(dst []byte, in Rows, i int) []byte {
	for c := range s.args {
		dst = data.AppendElement(dst, in.Cols[c], i)
	}
	return dst
}

// add adds a row (d is 1) or takes it back (-1). content is its sort key, of
// keyLen bytes, and its kept columns.
func (s *arrivals) add(g int32, content []byte, keyLen int, seq, d int64) {
	s.row = append(s.row[:0], content[:keyLen]...)
	s.row = append(appendSeq(s.row, seq), content[keyLen:]...)
	s.row = binary.BigEndian.AppendUint32(s.row, uint32(keyLen))
	if d > 0 {
		s.ordered.put(g, s.row)
	} else {
		s.ordered.add(g, s.row, d)
	}
	if s.found {
		s.row = appendSeq(appendContent(s.row[:0], content), seq)
		if d > 0 {
			s.contents.put(g, s.row)
		} else {
			s.contents.add(g, s.row, d)
		}
	}
}

// appendContent appends the content of a row so that no other begins with it.
func appendContent(dst, content []byte) []byte {
	return append(binary.BigEndian.AppendUint32(dst, uint32(len(content))), content...)
}

// payload returns the kept columns of a node of ordered, good until the next.
func (s *arrivals) payload(t int32) []byte {
	s.row = s.ordered.appendKey(s.row[:0], t)
	return payload(s.row)
}

func payload(row []byte) []byte {
	end := len(row) - lengthLen
	return row[int(binary.BigEndian.Uint32(row[end:]))+seqLen : end]
}

// each yields the kept columns of the rows of group g in order, good until the next.
func (s *arrivals) each(g int32) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		s.ordered.walk(g, func(t int32) bool {
			columns := s.payload(t)
			for range s.ordered.nodes[t].copies {
				if !yield(columns) {
					return false
				}
			}
			return true
		})
	}
}

func (s *arrivals) Merge(groups []int32, from State) {
	f := from.(*arrivals)
	s.ordered.merge(groups, &f.ordered, nil)
	s.contents.merge(groups, &f.contents, nil)
}

func (s *arrivals) Append(out *data.Vector, groups []int32) (int, error) {
	for k, g := range groups {
		if s.ordered.total(g) == 0 {
			out.AppendNull()
		} else if err := s.result(s, out, g); err != nil {
			return k, err
		}
	}
	return 0, nil
}

func (s *arrivals) Reset() {
	s.ordered.reset()
	s.contents.reset()
}

func (s *arrivals) Bytes() int64 { return s.ordered.bytes() + s.contents.bytes() }

// AppendSnapshot saves the rows in order: the other forest follows from them.
func (s *arrivals) AppendSnapshot(dst []byte) []byte { return appendBlock(dst, s.ordered.save) }

func (s *arrivals) LoadSnapshot(src []byte) ([]byte, error) {
	return loadBlock(src, func(r *reader) {
		s.contents.reset()
		s.ordered.load(r, s.valid)
		s.contents.resize(len(s.ordered.roots))
		if r.Damaged() || !s.found {
			return
		}
		var row []byte
		for g := range int32(len(s.ordered.roots)) {
			s.ordered.walk(g, func(t int32) bool {
				row = s.ordered.appendKey(row[:0], t)
				keyLen := len(row) - lengthLen - seqLen - len(payload(row))
				s.key = append(append(s.key[:0], row[:keyLen]...), payload(row)...)
				s.row = append(appendContent(s.row[:0], s.key), row[keyLen:keyLen+seqLen]...)
				s.contents.add(g, s.row, s.ordered.nodes[t].copies)
				return true
			})
		}
	})
}

// valid reports whether a saved row has the form of one.
func (s *arrivals) valid(_ int32, row []byte, _ int64) bool {
	if len(row) < lengthLen+seqLen {
		return false
	}
	end := len(row) - lengthLen
	keyLen := int64(binary.BigEndian.Uint32(row[end:]))
	if keyLen+seqLen > int64(end) {
		return false
	}
	columns := data.Walk(rowOf(s.args), row[keyLen+seqLen:end])
	for range s.args {
		if !columns.Next() {
			return false
		}
	}
	return true
}

// rowOf is the type of kept columns: a ROW without names.
func rowOf(types []data.Type) data.Type {
	fields := make([]data.Field, len(types))
	for i, t := range types {
		fields[i].Type = t
	}
	return data.RowOf(fields...)
}
