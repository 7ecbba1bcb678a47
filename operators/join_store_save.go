package operators

import "tidemark/operators/data"

// save writes the segments. What has been moved out of one is in another.
func (s *rowStore) save(e *data.Encoder) {
	e.Uvarint(uint64(len(s.segments)))
	e.Uvarint(uint64(s.first))
	e.Uvarint(uint64(s.next))
	for i, seg := range s.segments {
		is := seg != nil && seg.moved == nil
		e.Flag(is)
		if !is {
			continue
		}
		e.Uvarint(uint64(len(seg.keys)))
		for c := range seg.cols {
			e.Vector(&seg.cols[c])
		}
		e.Flags(seg.matched)
		e.Varint(seg.latest)
		e.Varint(seg.most)
		if i == len(s.segments)-1 {
			e.Times(seg.sample)
		}
	}
}

// load reads the segments into an empty store. Who loads says which keys the rows have.
func (s *rowStore) load(d *data.Decoder, track bool) {
	n := d.Count(1)
	first, next := d.Uvarint(), d.Uvarint()
	if first > segmentMask || next > noRow {
		d.Fail()
		return
	}
	s.first, s.next = uint32(first), uint32(next)
	for i := range n {
		if !d.Flag() {
			s.segments = append(s.segments, nil)
			continue
		}
		seg := s.loadSegment(d, track)
		if i == n-1 {
			seg.sample = d.Times(nil)
			for c := range seg.cols {
				s.texts += len(seg.cols[c].Bytes)
			}
		}
		s.segments = append(s.segments, seg)
	}
	if n > 0 && !s.followed() {
		d.Fail()
	}
	if d.Damaged() {
		s.segments, s.next = nil, 0
	}
}

// loadSegment reads a segment.
func (s *rowStore) loadSegment(d *data.Decoder, track bool) *segment {
	seg := &segment{cols: make([]data.Vector, len(s.types))}
	n := d.Uvarint()
	if n == 0 || n > segmentRows {
		d.Fail()
		n = 0
	}
	for c, t := range s.types {
		d.Vector(&seg.cols[c], t)
		if seg.cols[c].Len() != int(n) || seg.cols[c].Const {
			d.Fail()
		}
	}
	seg.keys = make([]int32, n)
	for i := range seg.keys {
		seg.keys[i] = -1
	}
	seg.matched = d.Flags(nil)
	if track && len(seg.matched) != int(n) || !track && len(seg.matched) > 0 {
		d.Fail()
	}
	seg.latest, seg.most = d.Varint(), d.Varint()
	return seg
}

// followed reports whether the next row comes behind the last segment, or in it.
func (s *rowStore) followed() bool {
	last := s.segments[len(s.segments)-1]
	number := (s.first + uint32(len(s.segments))) & segmentMask
	if s.next%segmentRows == 0 {
		return s.next>>segmentLog == number
	}
	return last != nil && int(s.next%segmentRows) == len(last.keys) && s.next>>segmentLog == (number-1)&segmentMask
}

// resolve returns the number of a row that may have been moved.
func (s *rowStore) resolve(row uint32) uint32 {
	for {
		seg := s.segments[(row>>segmentLog-s.first)&segmentMask]
		if seg.moved == nil {
			return row
		}
		row = seg.moved[row%segmentRows]
	}
}

// keyOf returns where the key of a row stands, nil when there is no such row.
func (s *rowStore) keyOf(row uint32) *int32 {
	i := (row>>segmentLog - s.first) & segmentMask
	if int(i) >= len(s.segments) || s.segments[i] == nil || int(row%segmentRows) >= len(s.segments[i].keys) {
		return nil
	}
	return &s.segments[i].keys[row%segmentRows]
}
