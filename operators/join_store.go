package operators

import (
	"slices"

	"tidemark/operators/data"
)

// rowStore keeps the columns of buffered rows in segments, in order of arrival. A
// row is known by its number; a segment goes as a whole when none of its rows is
// of use any more.
//
// A few rows may outlive the others of their segment by far, because their clock
// was ahead. They are moved to the newest segment, and the old one keeps no more
// than where they are now.
type rowStore struct {
	types    []data.Type
	segments []*segment // nil where one has gone
	first    uint32     // number of segments[0]
	next     uint32     // number of the next row
	spare    []*segment
	texts    int // bytes of text in the last segment

	pending []int32 // rows of the batch in hand, not yet copied, the last of those numbered
}

const (
	segmentLog  = 10
	segmentRows = 1 << segmentLog
	// segmentText is how many bytes of text a segment gets at most, but for its last
	// row: far from what a column can address.
	segmentText = 1 << 30
	sampleRows  = 64
)

type segment struct {
	cols []data.Vector
	keys []int32 // ids, -1 for a key that matches nothing
	// matched says which rows have found a partner; kept where that matters.
	matched []bool
	// alone are the times of the rows whose key is -1, by their place.
	alone map[uint32]int64
	// latest is the greatest time of the rows. most is set when the segment is full:
	// those rows that reach beyond it, as only few do, are to be moved.
	latest, most int64
	sample       []int64           // times of some of the rows
	moved        map[uint32]uint32 // where rows have been moved to, when the rest is gone
}

func newRowStore(types []data.Type) rowStore { return rowStore{types: types} }

// at returns the segment and place of a row.
func (s *rowStore) at(row uint32) (*segment, uint32) {
	seg := s.segments[(row>>segmentLog-s.first)&segmentMask]
	if seg.moved != nil {
		row = s.resolve(row)
		seg = s.segments[(row>>segmentLog-s.first)&segmentMask]
	}
	return seg, row % segmentRows
}

// segmentMask lets numbers of segments wrap around with those of rows.
const segmentMask = 1<<(32-segmentLog) - 1

// add numbers a row of the batch in hand, which is copied by the next flush. key
// is -1 when it matches nothing; track says that its partners are to be noted.
func (s *rowStore) add(cols []*data.Vector, r int32, key int32, t int64, track bool) uint32 {
	if s.full() {
		s.flush(cols)
		s.open()
	}
	for _, v := range cols {
		if v.Type.Class() == data.ClassBytes {
			s.texts += len(v.Text(int(r)))
		}
	}
	s.pending = append(s.pending, r)
	return s.number(key, t, track)
}

// full reports whether the next row needs a new segment.
func (s *rowStore) full() bool {
	if s.texts > segmentText {
		s.next = (s.next + segmentRows - 1) &^ (segmentRows - 1)
	}
	if s.next == noRow {
		s.next = 0
	}
	return s.next%segmentRows == 0
}

// number gives the next row of the last segment its number.
func (s *rowStore) number(key int32, t int64, track bool) uint32 {
	seg := s.segments[len(s.segments)-1]
	row := s.next
	s.next++
	seg.keys = append(seg.keys, key)
	if track {
		seg.matched = append(seg.matched, false)
	}
	if key < 0 {
		seg.setAlone(row%segmentRows, t)
	}
	seg.latest = max(seg.latest, t)
	if row%(segmentRows/sampleRows) == 0 {
		seg.sample = append(seg.sample, t)
	}
	return row
}

// setAlone notes the time of a row whose key is -1.
func (seg *segment) setAlone(i uint32, t int64) {
	if seg.alone == nil {
		seg.alone = map[uint32]int64{}
	}
	seg.alone[i] = t
}

// open begins a new segment.
func (s *rowStore) open() {
	if n := len(s.segments); n == 0 {
		s.first = s.next >> segmentLog
	} else if last := s.segments[n-1]; last != nil {
		last.close()
	}
	var seg *segment
	if k := len(s.spare); k > 0 {
		seg, s.spare = s.spare[k-1], s.spare[:k-1]
	} else {
		seg = &segment{cols: make([]data.Vector, len(s.types))}
	}
	for i, t := range s.types {
		seg.cols[i].Reset(t)
	}
	seg.keys, seg.matched, seg.alone = seg.keys[:0], seg.matched[:0], nil
	seg.sample, seg.latest, seg.most = seg.sample[:0], data.MinTime, data.MaxTime
	s.segments = append(s.segments, seg)
	s.texts = 0
}

// flush copies the numbered rows of the batch in hand.
func (s *rowStore) flush(cols []*data.Vector) {
	if len(s.pending) == 0 {
		return
	}
	seg := s.segments[len(s.segments)-1]
	for i := range seg.cols {
		Gather(&seg.cols[i], cols[i], s.pending)
	}
	s.pending = s.pending[:0]
}

// close works out, when a segment is full, the time well above most of its rows.
func (seg *segment) close() {
	if len(seg.sample) > 0 {
		slices.Sort(seg.sample)
		least, most := seg.sample[0], seg.sample[len(seg.sample)*7/8]
		seg.most = data.AddTime(most, max(0, most-least)) // as long again as most rows span
	}
}

// move copies rows of segment i, listed by number, to the newest segment, and drops
// the others. It returns their new numbers, in place.
func (s *rowStore) move(i int, rows []uint32, times []int64) []uint32 {
	old := s.segments[i]
	moved := make(map[uint32]uint32, len(rows))
	for k, row := range rows {
		if s.full() {
			s.open()
		}
		from := row % segmentRows
		to := s.number(old.keys[from], times[k], old.matched != nil)
		seg := s.segments[len(s.segments)-1]
		for c := range seg.cols {
			seg.cols[c].AppendFrom(&old.cols[c], int(from))
			if v := &seg.cols[c]; v.Type.Class() == data.ClassBytes {
				s.texts += len(v.Text(int(to % segmentRows)))
			}
		}
		if old.matched != nil {
			seg.matched[to%segmentRows] = old.matched[from]
		}
		moved[from], rows[k] = to, to
	}
	s.segments[i] = &segment{moved: moved, latest: old.latest, most: data.MaxTime}
	s.spare = s.keep(old)
	return rows
}

// keep returns the spare segments with one more, unless there are enough.
func (s *rowStore) keep(seg *segment) []*segment {
	if seg.moved != nil || len(s.spare) >= 4 {
		return s.spare
	}
	return append(s.spare, seg)
}

// trim forgets the places of segments that have gone at the beginning.
func (s *rowStore) trim() {
	n := 0
	for n < len(s.segments) && s.segments[n] == nil {
		n++
	}
	s.segments = s.segments[n:]
	s.first = (s.first + uint32(n)) & segmentMask
}

// append appends column c of rows to dst; NULL where a row is noRow.
func (s *rowStore) append(dst *data.Vector, c int, rows []uint32) {
	for _, row := range rows {
		if row == noRow {
			dst.AppendNull()
			continue
		}
		seg, i := s.at(row)
		dst.AppendFrom(&seg.cols[c], int(i))
	}
}

// noRow stands for the partner that a row has not found.
const noRow = 1<<32 - 1

// bytes estimates the memory held.
func (s *rowStore) bytes() int64 {
	n := int64(8 * cap(s.segments))
	for _, seg := range append(s.segments, s.spare...) {
		if seg == nil {
			continue
		}
		n += int64(4*cap(seg.keys) + cap(seg.matched) + 16*len(seg.alone) + 8*len(seg.moved))
		for i := range seg.cols {
			v := &seg.cols[i]
			n += int64(cap(v.Ints)*8 + cap(v.Floats)*8 + cap(v.Bools) + cap(v.Wides)*16 + cap(v.Offsets)*4 + cap(v.Bytes) + cap(v.Null))
		}
	}
	return n
}
