package stdio

import (
	"context"
	"fmt"
	"strings"

	"tidemark/connectors"
	"tidemark/connectors/format"
	"tidemark/operators/data"
)

// bufferSize is how much text is gathered before it is printed.
const bufferSize = 64 << 10

// printer prints a result on the standard output.
type printer struct {
	cfg   connectors.PrintConfig
	fold  *connectors.Fold
	enc   *format.Encoder
	table *grid
	lines *lineForm
	buf   []byte
	begun bool  // the header is out
	rows  int64 // printed, and left out for the limit
}

// NewPrinter returns a sink that prints a result. Before the end of a result it
// must be flushed.
func NewPrinter(cfg connectors.PrintConfig) (connectors.Sink, error) {
	p := &printer{cfg: cfg}
	switch cfg.Form {
	case "table":
		p.table = newGrid(cfg.Schema, cfg.Null, cfg.Width)
		p.table.live = cfg.Prompt
	case "line":
		p.lines = newLineForm(cfg.Schema, cfg.Null)
	case "csv":
		var err error
		if p.enc, err = format.NewEncoder(cfg.Schema, connectors.NewOptions(map[string]string{"format": "csv", "null": cfg.Null})); err != nil {
			return nil, err
		}
	case "json":
		p.enc = format.NewJSONEncoder(cfg.Schema, cfg.Tag)
	case "changelog":
		p.enc = format.NewChangelogEncoder(cfg.Schema, cfg.Tag)
	case "none":
		return discard{}, nil
	default:
		forms := []string{"table", "line", "csv", "json", "changelog", "none"}
		hint := "it is one of " + strings.Join(forms, ", ")
		if near := connectors.Near(cfg.Form, forms); near != "" {
			hint = "did you mean " + near + "?"
		}
		return nil, fmt.Errorf("there is no output form '%s': %s", cfg.Form, hint)
	}
	if cfg.Folded && cfg.Form != "changelog" {
		p.fold = connectors.NewFold(cfg.Schema, cfg.Key)
		p.fold.NullKeys = true // they are groups, not a declared key
		if cfg.Screen && cfg.Form == "table" {
			return &screen{cfg: cfg, fold: p.fold}, nil
		}
	}
	return p, nil
}

// NewSink returns the sink of the connector stdout.
func NewSink(cfg connectors.SinkConfig) (connectors.Sink, error) {
	form := strings.ToLower(cfg.Options.Text("format", "json"))
	switch form {
	case "table":
		s, err := NewPrinter(connectors.PrintConfig{Out: cfg.Stdout, Schema: cfg.Schema, Form: form, Folded: cfg.Key != nil, Key: cfg.Key})
		if p, ok := s.(*printer); ok && p.fold != nil {
			p.fold.NullKeys = false // the key is a declared one
		}
		return s, err
	default:
		enc, err := format.NewEncoder(cfg.Schema, cfg.Options.With("format", form))
		if err != nil {
			return nil, err
		}
		p := &printer{cfg: connectors.PrintConfig{Out: cfg.Stdout, Schema: cfg.Schema, Form: form, Key: cfg.Key}, enc: enc}
		if cfg.Key != nil && !connectors.Changelog(cfg.Options) {
			p.fold = connectors.NewFold(cfg.Schema, cfg.Key)
		}
		return p, nil
	}
}

// Write implements connectors.Sink.
func (p *printer) Write(_ context.Context, b *data.Batch) error {
	if p.fold != nil {
		return p.fold.Apply(b)
	}
	if b.Rows() == 0 {
		return nil
	}
	p.print(b)
	if p.cfg.Prompt {
		return p.out()
	}
	if len(p.buf) >= bufferSize {
		return p.write()
	}
	return nil
}

// print adds the selected rows of b to the text.
func (p *printer) print(b *data.Batch) {
	if b = p.limited(b); b == nil {
		return
	}
	if p.lines != nil {
		p.buf = p.lines.append(p.buf, b)
		return
	}
	if p.table != nil {
		p.buf = p.table.append(p.buf, b)
		return
	}
	if !p.begun {
		p.begun = true
		p.buf = p.enc.AppendHeader(p.buf)
	}
	p.buf = p.enc.AppendBatch(p.buf, b)
}

// limited returns what is to be printed of a batch; nil for nothing of it.
func (p *printer) limited(b *data.Batch) *data.Batch {
	n := int64(b.Rows())
	before := p.rows
	p.rows += n
	if p.cfg.Limit == 0 || p.rows <= p.cfg.Limit {
		return b
	}
	if before >= p.cfg.Limit {
		return nil
	}
	part := &data.Batch{Cols: b.Cols, N: b.N, Changes: b.Changes}
	for k := range int(p.cfg.Limit - before) {
		part.Sel = append(part.Sel, int32(b.Row(k)))
	}
	return part
}

// Count implements connectors.Counted.
func (p *printer) Count() int64 { return p.rows }

// out prints all rows there are.
func (p *printer) out() error {
	if p.table != nil {
		p.buf = p.table.page(p.buf)
	}
	return p.write()
}

// write prints the text.
func (p *printer) write() error {
	if len(p.buf) == 0 {
		return nil
	}
	_, err := p.cfg.Out.Write(p.buf)
	p.buf = p.buf[:0]
	if err != nil {
		return fmt.Errorf("the result cannot be written to the standard output: %w", err)
	}
	return nil
}

// Flush implements connectors.Sink: it prints a folded result, the header of an
// empty one, and the lower edge of a table that is not live.
func (p *printer) Flush(context.Context) error {
	if p.fold != nil {
		p.print(p.fold.Sorted())
	}
	if !p.begun && p.enc != nil {
		p.begun = true
		p.buf = p.enc.AppendHeader(p.buf)
	}
	if p.table != nil && !p.cfg.Prompt {
		p.buf = p.table.finish(p.buf)
		return p.write()
	}
	return p.out()
}

// Close implements connectors.Sink.
func (p *printer) Close() error {
	if p.table != nil && p.cfg.Prompt && p.table.begun {
		p.buf = p.table.finish(p.buf)
		return p.write()
	}
	return nil
}

// discard is a sink that prints nothing.
type discard struct{}

func (discard) Write(context.Context, *data.Batch) error { return nil }
func (discard) Flush(context.Context) error              { return nil }
func (discard) Close() error                             { return nil }
