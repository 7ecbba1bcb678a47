package dataflow

import (
	"fmt"
	"slices"

	"tidemark/connectors"
)

// report deals with the bad records of a piece.
func (s *sourceRun) report(p *piece) error {
	o := origin{input: p.chunk.Name, unit: p.chunk.Unit, base: p.base, messages: p.chunk.Messages}
	for i := range p.chunk.Bad {
		if p.end {
			break
		}
		bad := &p.chunk.Bad[i]
		if !s.SkipBad {
			return &RecordError{Where: o.at(bad.Line), Reason: bad.Reason}
		}
		if s.OnBad == nil {
			break
		}
		rec := BadRecord{Source: s.Name, Input: p.chunk.Name, Line: o.number(bad.Line), Reason: bad.Reason, Record: bad.Record}
		if err := s.tell(rec); err != nil {
			return err
		}
	}
	return nil
}

// tell hands a bad record on. Parts of an input that are read side by side take turns.
func (s *sourceRun) tell(rec BadRecord) error {
	s.badMu.Lock()
	defer s.badMu.Unlock()
	return s.OnBad(rec)
}

// RecordError says that a record could not be decoded.
type RecordError struct {
	Where  string // "clicks.csv:7"
	Reason string
}

// Error returns "clicks.csv:7: reason".
func (e *RecordError) Error() string { return e.Where + ": " + e.Reason }

// Hint says how to go on in spite of it.
func (e *RecordError) Hint() string {
	return "mend the record, or set on_error = 'skip' on the stream to count such records and go on ('dead_letter' keeps them)"
}

// origin tells where the rows of a batch stand in their input.
type origin struct {
	input, unit string
	base        int64
	place       connectors.Place
	messages    *connectors.Messages // the rows are of; nil for lines
}

// keptMessages returns what an origin needs of a chunk's messages, which the next chunk
// is going to overwrite.
func keptMessages(m *connectors.Messages) *connectors.Messages {
	if m == nil {
		return nil
	}
	return &connectors.Messages{Offsets: slices.Clone(m.Offsets), Lines: slices.Clone(m.Lines)}
}

// Where returns "file:line" of physical row i, or "file:row 7", or "topic/3 offset 42".
func (o *origin) Where(i int) string { return o.at(o.place.Line(i)) }

// number returns the number in the input of what stands on a line of the chunk: its line's
// from 1, or the message's offset.
func (o *origin) number(line int64) int64 {
	if m := o.messages; m != nil {
		return m.Offsets[m.At(line)]
	}
	return o.base + line + 1
}

// at names what stands on a line of the chunk.
func (o *origin) at(line int64) string {
	switch {
	case o.input == "": // rows that come from nowhere
		return ""
	case o.messages != nil:
		return fmt.Sprintf("%s offset %d", o.input, o.number(line))
	}
	return fmt.Sprintf("%s:%s%d", o.input, o.unit, o.number(line))
}
