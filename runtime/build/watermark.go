package build

import (
	"cmp"
	"errors"
	"time"

	"tidemark/connectors"
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/operators/watermark"
	"tidemark/planner/catalog"
	"tidemark/runtime/dataflow"
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

// idleTimeout is how long a partition of an input without an end may be silent, unless
// its relation says otherwise.
const idleTimeout = 30 * time.Second

// timeOptions applies what a relation's options say of its time.
func timeOptions(r *catalog.Relation, src *dataflow.Source) error {
	o := connectors.NewOptions(r.OptionMap())
	var first error
	duration := func(name string, def time.Duration) time.Duration {
		d, err := o.Duration(name, def)
		first = cmp.Or(first, err)
		return d
	}
	src.IdleTimeout = duration("idle_timeout", idleTimeout)
	src.Watermark.Drift = duration("max_future_drift", 0).Microseconds()
	src.Align = duration("alignment", 0).Microseconds()
	src.Trust.Known = o.Has("typical_delay") || o.Has("reliability")
	src.Trust.TypicalDelay = duration("typical_delay", 0)
	var err error
	src.Trust.Reliability, err = o.Share("reliability", 1)
	first = cmp.Or(first, err)
	src.Partitioned, err = o.Bool("partitioned", false)
	return cmp.Or(first, err)
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
