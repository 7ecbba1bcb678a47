package dataflow

import (
	"math"

	"tidemark/operators"
	"tidemark/operators/data"
)

// lateKeeper is an operator that keeps the rows which came too late for it.
type lateKeeper interface{ LateRows() *operators.LateRows }

// lateSide is where a worker of a keyed operator puts the rows that came too late for
// it; the zero value is nowhere.
type lateSide struct {
	rows   *operators.LateRows
	schema data.Schema
	out    chan message
}

func newLateSide(k *Keyed, op operators.Operator) lateSide {
	keeper, ok := op.(lateKeeper)
	if k.Late == nil || !ok {
		return lateSide{}
	}
	return lateSide{keeper.LateRows(), k.Late.Schema, make(chan message, edgeCapacity)}
}

// after hands on what a batch has left; the operator has passed all positions before
// upTo. end is the position of the end of time, where the batch had it.
func (l lateSide) after(upTo, end int64) {
	if l.out == nil {
		return
	}
	b := l.rows.Take()
	if end != noEnd {
		if b == nil {
			b = data.NewPool(l.schema).Get()
		}
		b.AddTriggeredStep(b.N, data.MaxTime, end)
	}
	if b != nil {
		l.out <- message{batch: b}
	}
	l.out <- message{upTo: upTo}
}

// pass hands on what came from the input: word that it is idle, or its error.
func (l lateSide) pass(m message) {
	if l.out != nil {
		l.out <- m
	}
}

// fail ends the rows with an error of the operator, at its position where it has one.
func (l lateSide) fail(m message) {
	if l.out == nil {
		return
	}
	if b := l.rows.Take(); b != nil {
		l.out <- message{batch: b}
	}
	if m.batch == nil {
		l.out <- m
		return
	}
	at := data.NewPool(l.schema).Get()
	for _, v := range at.Cols {
		v.AppendNull()
	}
	at.AddRows(1, data.Insert, m.batch.Trigger[0])
	l.out <- message{batch: at, err: m.err}
}

func (l lateSide) close() {
	if l.out != nil {
		close(l.out)
	}
}

// noEnd says that a batch does not have the end of time.
const noEnd = math.MinInt64

// endOf returns the position of the end of time in a batch, noEnd where it is not there.
func endOf(b *data.Batch) int64 {
	if k := len(b.Steps); k > 0 && b.Steps[k-1].Time == data.MaxTime {
		return 2*(b.Seq+int64(b.Steps[k-1].Row)) - 1
	}
	return noEnd
}
