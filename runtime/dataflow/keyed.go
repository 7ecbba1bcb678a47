package dataflow

import (
	"errors"

	"tidemark/operators"
	"tidemark/operators/data"
)

// work is one worker of a keyed operator. It takes every batch of its input, in
// order, and after each one says how far it has come. When it is done or after an
// error it only empties its input, so that nobody upstream waits for ever.
//
// id names the worker in snapshots, held says what the operator holds. When broken is not nil the operator is of no use: its
// output is complete already, or it could not be restored.
func (k *Keyed) work(op operators.Operator, broken error, in <-chan message, out chan<- message, late lateSide, id string, held *holdings) {
	defer close(out)
	defer late.close()
	over := broken != nil
	switch {
	case broken == operators.Done:
		out <- message{done: true}
	case over:
		out <- message{err: broken}
	}
	for m := range in {
		switch {
		case over:
			if m.barrier != nil {
				m.barrier.comesTo(k, id)
			}
			if m.batch != nil {
				m.batch.Release()
			}
		case m.parts != nil:
			for _, p := range m.parts {
				op.(Absorber).Absorb(p)
			}
			held.changed()
		case m.err != nil:
			over = true
			out <- m
			late.pass(m)
		case m.barrier != nil:
			m.barrier.passes(k, id, op)
			out <- m
			late.pass(m)
		case m.idle:
			if k.PassesIdle {
				out <- m
			}
			late.pass(m)
		default:
			upTo, end, moved := past(m.batch), endOf(m.batch), lastMove(m.batch)
			err := op.Process(m.batch, func(b *data.Batch) error {
				out <- message{batch: b}
				return nil
			})
			switch {
			case err == operators.Done:
				over = true
				out <- message{done: true}
			case err != nil:
				over = true
				failed := failure(err)
				late.fail(failed)
				out <- failed
			default:
				k.time.reached(moved)
				held.changed()
				out <- message{upTo: upTo}
				late.after(upTo, end)
			}
		}
	}
}

// restored returns a new operator that goes on from what was saved; with operators.Done
// where its output was complete.
func (k *Keyed) restored(saved *data.Decoder) (operators.Operator, error) {
	op := k.New()
	s, ok := op.(operators.Stateful)
	if !ok || saved == nil {
		return op, nil
	}
	if saved.Flag() {
		return op, operators.Done
	}
	err := s.Restore(saved)
	if err == nil && saved.Damaged() {
		err = errors.New("the saved state of an operator is damaged")
	}
	return op, err
}

// failure turns an operator's error into a message that stands where it happened.
func failure(err error) message {
	var row *operators.RowError
	if errors.As(err, &row) && row.Marker != nil {
		return message{batch: row.Marker, err: err}
	}
	return message{err: err}
}

// past returns the first position that may come after b. The next batch may begin
// with a move of the watermark, unless b has ended with one.
func past(b *data.Batch) int64 {
	at := 2*(b.Seq+int64(b.N)) - 1
	if k := len(b.Steps); k > 0 && b.Steps[k-1].Row == b.N {
		at++
	}
	return at
}
