package build

import (
	"errors"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/operators/watermark"
	"tidemark/planner/catalog"
)

// watermarkSpec says how the generator makes what a relation declares.
func watermarkSpec(t catalog.Timing) watermark.Spec {
	switch t.Generator {
	case catalog.Adaptive:
		return watermark.Spec{Kind: watermark.Adaptive, Share: t.Share, Last: t.Last}
	case catalog.Perfect:
		return watermark.Spec{Kind: watermark.Perfect}
	}
	return watermark.Spec{Delay: t.Delay}
}

// eventTime computes the event time of rows by an expression.
type eventTime struct{ prog *expr.Program }

// Times implements dataflow.EventTime.
func (e *eventTime) Times(b *data.Batch, rows []int32, dst *data.Vector) (int, error) {
	err := e.prog.Eval(b, rows, dst)
	var failed *expr.RowError
	if errors.As(err, &failed) {
		return failed.Row, failed.Err
	}
	return -1, err
}

// marks tells by an expression which rows may move the watermark.
type marks struct{ prog *expr.Program }

// Select implements dataflow.Marks.
func (m *marks) Select(b *data.Batch, rows, out []int32) ([]int32, int, error) {
	marked, err := m.prog.Select(b, rows, out)
	var failed *expr.RowError
	if errors.As(err, &failed) {
		return marked, failed.Row, failed.Err
	}
	return marked, -1, err
}
