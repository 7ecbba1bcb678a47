package build

import (
	"context"
	"fmt"
	"strings"

	"tidemark/connectors"
	"tidemark/operators/data"
	"tidemark/planner/catalog"
	"tidemark/runtime/dataflow"
)

// deadLetters writes records that could not be decoded to a stream, whose columns
// are filled by name: source, input, line, reason and record.
type deadLetters struct {
	sink    connectors.Sink
	columns []string
	pool    *data.Pool
	batch   *data.Batch
}

func newDeadLetters(r *catalog.Relation, env Env) (*deadLetters, error) {
	d := &deadLetters{pool: data.NewPool(r.Schema)}
	for _, c := range r.Schema {
		name, kind := strings.ToLower(c.Name), data.String
		switch name {
		case "line":
			kind = data.BigInt
		case "source", "input", "reason", "record":
		default:
			return nil, fmt.Errorf("column %s is none of source, input, line, reason, record", c.Name)
		}
		if c.Type.Kind != kind {
			return nil, fmt.Errorf("column %s must be %s, not %s", c.Name, kind, c.Type)
		}
		d.columns = append(d.columns, name)
	}
	var err error
	d.sink, err = env.Sink(r, connectors.SinkConfig{Name: r.Name, Schema: r.Schema, Key: r.Key})
	return d, err
}

// add takes one record. The source calls it in order, one at a time.
func (d *deadLetters) add(bad dataflow.BadRecord) error {
	if d.batch == nil {
		d.batch = d.pool.Get()
	}
	for i, name := range d.columns {
		v := d.batch.Cols[i]
		switch name {
		case "line":
			v.AppendInt(bad.Line)
		case "source":
			v.AppendText([]byte(bad.Source))
		case "input":
			v.AppendText([]byte(bad.Input))
		case "reason":
			v.AppendText([]byte(bad.Reason))
		case "record":
			v.AppendText([]byte(strings.ToValidUTF8(string(bad.Record), "\uFFFD")))
		}
	}
	d.batch.N++
	if d.batch.N < 256 {
		return nil
	}
	return d.write(context.Background())
}

func (d *deadLetters) write(ctx context.Context) error {
	if d.batch == nil {
		return nil
	}
	b := d.batch
	d.batch = nil
	defer b.Release()
	return d.sink.Write(ctx, b)
}

func (d *deadLetters) close(ctx context.Context) error {
	err := d.write(ctx)
	if err == nil {
		err = d.sink.Flush(ctx)
	}
	if cerr := d.sink.Close(); err == nil {
		err = cerr
	}
	return err
}
