package dataflow

import (
	"fmt"

	"tidemark/connectors"
)

// report deals with the bad records of a piece.
func (s *sourceRun) report(p *piece) error {
	for i := range p.chunk.Bad {
		if p.end {
			break
		}
		bad := &p.chunk.Bad[i]
		if !s.SkipBad {
			return &RecordError{Where: where(p.chunk.Name, p.chunk.Unit, p.base+bad.Line), Reason: bad.Reason}
		}
		if s.OnBad == nil {
			break
		}
		rec := BadRecord{Source: s.Name, Input: p.chunk.Name, Line: p.base + bad.Line + 1, Reason: bad.Reason, Record: bad.Record}
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

// origin tells where the rows of a batch stand in their file.
type origin struct {
	input, unit string
	base        int64
	place       connectors.Place
}

// Where returns "file:line" of physical row i, or "file:row 7".
func (o *origin) Where(i int) string { return where(o.input, o.unit, o.base+o.place.Line(i)) }

func where(input, unit string, line int64) string {
	if input == "" {
		return "" // rows that come from nowhere
	}
	return fmt.Sprintf("%s:%s%d", input, unit, line+1)
}
