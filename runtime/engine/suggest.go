package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tidemark/operators/data"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
)

// Suggestion is a declaration whose columns were read from the input, as it could be
// written.
type Suggestion struct {
	// Statement declares the relation in full, with a watermark where it has a time.
	Statement string
	// Time is the column that the watermark is for; empty when there is none.
	Time string
	// Rows is how many rows were looked at; Most by how much the latest of them came
	// behind the greatest time before it.
	Rows int64
	Most time.Duration
	// Delay is that of the watermark, and Lost how many rows it would leave out.
	Delay time.Duration
	Lost  int64
}

// Disorder says how the rows came.
func (s *Suggestion) Disorder() string {
	if s.Most <= 0 {
		return "in order"
	}
	return "up to " + period(s.Most.Microseconds()) + " late"
}

// mayLose is the share of rows that a suggested delay may leave out.
const mayLose = 0.001

// Suggest looks at the rows of a relation that the session knows, whose columns are read
// from its input, until they end or ctx is done.
func (s *Session) Suggest(ctx context.Context, name string, opts Options) (*Suggestion, error) {
	_, problems, err := s.Prepare(source.NewFile("", "DESCRIBE "+quoted(name)), opts)
	if problems.HasErrors() {
		return nil, problems
	}
	if err != nil {
		return nil, err
	}
	r := s.catalog.Lookup(name)
	if r == nil {
		return nil, fmt.Errorf("there is no stream or table %s", name)
	}
	out := &Suggestion{Statement: declaration(r, "")}
	i := slices.IndexFunc(r.Schema, func(c data.Column) bool { return c.Type.Kind == data.Timestamp })
	if i < 0 || r.Kind != catalog.Stream {
		return out, nil
	}
	column := quoted(r.Schema[i].Name)
	plain := declaration(r, "WATERMARK FOR "+column+" AS "+column)
	opts.BaseDir = s.options(opts, source.NewFile("", "")).dir(r)
	advice, problems, err := s.engine.Advise(ctx, source.NewFile("", plain+"\nSELECT "+column+" FROM "+quoted(r.Name)+";"), opts)
	if problems.HasErrors() {
		return nil, problems
	}
	if err != nil {
		return nil, err
	}
	a := advice[0]
	out.Time, out.Rows, out.Most = r.Schema[i].Name, a.Rows, time.Duration(a.Most)*time.Microsecond
	for _, c := range a.Uses[0].Choices {
		if c.Clause != "" && float64(c.Lost) <= mayLose*float64(a.Rows) {
			clause := "WATERMARK FOR " + column + " AS " + column
			if c.Delay > 0 {
				clause += " - INTERVAL " + interval(c.Delay)
			}
			out.Statement, out.Delay, out.Lost = declaration(r, clause), time.Duration(c.Delay)*time.Microsecond, c.Lost
			break
		}
	}
	return out, nil
}

// declaration writes the statement that declares a relation, in place of one that there
// may be.
func declaration(r *catalog.Relation, watermark string) string {
	var items, options []string
	for i, c := range r.Schema {
		if !r.IsMetadata(i) && !r.IsComputed(i) {
			items = append(items, quoted(c.Name)+" "+c.Type.String())
		}
	}
	if watermark != "" {
		items = append(items, watermark)
	}
	for _, o := range r.Options {
		key := o.Key
		if strings.ContainsAny(key, ".-") {
			key = "'" + key + "'"
		}
		options = append(options, key+" = '"+strings.ReplaceAll(o.Value, "'", "''")+"'")
	}
	kind := "STREAM"
	if r.Kind != catalog.Stream {
		kind = "TABLE"
	}
	return "CREATE OR REPLACE " + kind + " " + quoted(r.Name) + " (\n  " + strings.Join(items, ",\n  ") + "\n) WITH (" + strings.Join(options, ", ") + ");"
}

// quoted writes a name, in quotes where it needs them.
func quoted(name string) string {
	plain := name != "" && !slices.Contains(parser.Keywords(), strings.ToUpper(name))
	for i := range len(name) {
		c := name[i]
		plain = plain && (c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || i > 0 && '0' <= c && c <= '9')
	}
	if plain {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}
