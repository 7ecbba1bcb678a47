package querytest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"tidemark/connectors"
	"tidemark/operators/clock"
	"tidemark/operators/data"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner"
	"tidemark/planner/catalog"
)

// inserted finds the relation that a test puts rows into. It is wrong to name one that
// no query reads, or that the script fills itself.
func (r *run) inserted(n *parser.Name) (*catalog.Relation, *feed) {
	rel := r.bench.plan.Catalog.Lookup(n.Text)
	switch {
	case rel == nil && r.bench.plan.Catalog.View(n.Text) != nil:
		r.wrong(n.Span(), "feed the streams that it reads", "%s is a view", n.Text)
	case rel == nil:
		r.wrong(n.Span(), r.near(n.Text), "there is no stream %s", n.Text)
	case r.bench.feeds[rel] == nil && r.bench.plan.Query(rel.Name) != nil:
		r.wrong(n.Span(), "feed the streams that the query reads, and EXPECT "+rel.Name, "%s is filled by a query of the script", rel.Name)
	case r.bench.feeds[rel] == nil:
		r.wrong(n.Span(), "EXPECT "+rel.Name+", or read it in a view that a test expects", "no query reads %s", rel.Name)
	case r.bench.feeds[rel].hasEnded():
		r.wrong(n.Span(), "move it before the FINISH", "%s has been finished", rel.Name)
	default:
		return rel, r.bench.feeds[rel]
	}
	return nil, nil
}

// near names the stream that was most likely meant.
func (r *run) near(name string) string {
	var names []string
	for _, rel := range r.bench.plan.Catalog.Relations() {
		names = append(names, rel.Name)
	}
	if near := source.Near(name, names); near != "" {
		return "did you mean " + near + "?"
	}
	return "declare it, or LOAD a script that does"
}

// input is an INSERT that puts rows in: of VALUES or of a file.
type input struct {
	relation  *catalog.Relation
	columns   []*parser.Name
	values    *parser.Values
	file      *parser.Text
	changes   bool
	partition *parser.Count
	at        source.Span
}

// insert puts the rows of an INSERT in.
func (r *run) insert(table *parser.Name, in input) error {
	rel, f := r.inserted(table)
	if rel == nil {
		return errWrong
	}
	if in.changes && len(rel.Key) == 0 {
		r.wrong(table.Span(), "write INSERT INTO; or declare a table with a PRIMARY KEY", "%s is a stream, whose rows do not change", rel.Name)
		return errWrong
	}
	in.relation = rel
	r.inputs = append(r.inputs, in)
	p, err := r.pieceOf(in, rel, f)
	if err != nil {
		return err
	}
	pieces := []*piece{p}
	if r.bench.running.Merges() {
		pieces = p.split()
	}
	for _, p := range pieces {
		if err := r.bench.happen(func(b *bench) error {
			b.feeds[rel].put(p)
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// pieceOf makes the rows of an INSERT those of a feed.
func (r *run) pieceOf(in input, rel *catalog.Relation, f *feed) (*piece, error) {
	p := &piece{}
	if f.partitions != nil {
		number := "0"
		if in.partition != nil {
			number = fmt.Sprint(in.partition.Value)
		}
		p.partition = max(0, slices.Index(f.partitions, number))
	}
	var err error
	if in.file != nil {
		err = r.fromFile(p, rel, f, in.file)
	} else {
		line, _ := r.file.source.Position(in.at.Start)
		p.name, p.unit = fmt.Sprintf("%s:%d", r.file.source.Name, line), "row "
		err = r.fromValues(p, rel, f, in.columns, in.values, in.changes)
	}
	if on := rel.Option("on_error"); err == nil && on != "skip" && on != "dead_letter" {
		p.untilBad()
	}
	return p, err
}

// changeNames are the changes as they are written.
var changeNames = map[string]data.Change{"+I": data.Insert, "-U": data.UpdateBefore, "+U": data.UpdateAfter, "-D": data.Delete}

// changeOf reads the change that a row begins with.
func (r *run) changeOf(row *parser.ValuesRow) (data.Change, bool) {
	if l, ok := row.Exprs[0].X.(*parser.Literal); ok {
		if c, ok := changeNames[l.Text]; ok {
			return c, true
		}
	}
	r.wrong(row.Exprs[0].Span(), "it is '+I', '-U', '+U' or '-D'", "a row of changes begins with its change")
	return 0, false
}

// fromValues evaluates the rows of VALUES.
func (r *run) fromValues(p *piece, rel *catalog.Relation, f *feed, names []*parser.Name, values *parser.Values, changes bool) error {
	into, ok := r.columnsOf(rel, names)
	if !ok {
		return errWrong
	}
	p.rows = newRows(f.cfg.Columns())
	constants := planner.NewConstants(r.file.source, r.bench.plan.Catalog)
	for i, row := range values.Rows {
		exprs, change := row.Exprs, data.Insert
		if changes {
			if change, ok = r.changeOf(row); !ok {
				return errWrong
			}
			exprs = exprs[1:]
		}
		filled := into
		if change == data.Delete && len(exprs) < len(into) && names == nil {
			filled = rel.Key
		}
		if len(exprs) != len(filled) {
			r.wrong(row.Span(), rel.Name+" takes "+namesOf(rel, filled), "the row has %s, but %s takes %d", count(len(exprs), "value"), rel.Name, len(filled))
			return errWrong
		}
		whole := newRows(rel.Schema)
		for c, v := range whole.cols {
			k := slices.Index(filled, c)
			if k < 0 {
				r.metadata(v, rel, c, p, i)
			} else if !constants.Append(v, exprs[k], rel.Schema[c], rel.Name) {
				return r.problems(constants.Problems())
			}
		}
		p.add(whole, rel, f, change)
		p.lines = append(p.lines, uint32(i))
	}
	f.checked(p)
	return nil
}

// add appends the one row of whole, which has all columns of the relation.
func (p *piece) add(whole *rows, rel *catalog.Relation, f *feed, change data.Change) {
	physical := 0
	at := map[int]*data.Vector{} // by the place among the physical columns
	for c := range rel.Schema {
		if !rel.IsComputed(c) {
			at[physical] = whole.cols[c]
			physical++
		}
	}
	for k, n := range f.cfg.Needed {
		p.rows.cols[k].AppendFrom(at[n], 0)
	}
	p.rows.changes = append(p.rows.changes, change)
}

// metadata appends what a column that is not given has: what tells about the record,
// else NULL.
func (r *run) metadata(v *data.Vector, rel *catalog.Relation, c int, p *piece, i int) {
	key := ""
	if rel.IsMetadata(c) {
		key = rel.Metadata[c]
	}
	switch {
	case key == "ingest_time" && v.Type.Kind == data.Timestamp:
		v.AppendInt(clock.Micros(r.bench.clock))
	case (key == "offset" || key == "line") && v.Type.Kind == data.BigInt:
		r.offsets[rel]++
		v.AppendInt(r.offsets[rel] - 1)
	case key == "partition" && v.Type.Class() == data.ClassInt:
		v.AppendInt(int64(p.partition))
	default:
		v.AppendNull()
	}
}

// columnsOf returns the columns that rows fill: those named, else all that are neither
// computed nor metadata.
func (r *run) columnsOf(rel *catalog.Relation, names []*parser.Name) ([]int, bool) {
	var into []int
	for c := range rel.Schema {
		if names == nil && !rel.IsComputed(c) && !rel.IsMetadata(c) {
			into = append(into, c)
		}
	}
	for _, n := range names {
		c := rel.Schema.Find(n.Text)
		switch {
		case c < 0:
			r.wrong(n.Span(), nearColumn(n.Text, rel.Schema), "%s has no column %s", rel.Name, n.Text)
		case rel.IsComputed(c):
			r.wrong(n.Span(), "leave it out", "column %s of %s is computed", n.Text, rel.Name)
		case slices.Contains(into, c):
			r.wrong(n.Span(), "leave it out", "column %s is there twice", n.Text)
		default:
			into = append(into, c)
			continue
		}
		return nil, false
	}
	return into, true
}

func nearColumn(name string, s data.Schema) string {
	if near := source.Near(name, s.Names()); near != "" {
		return "did you mean " + near + "?"
	}
	return "the columns are " + strings.Join(s.Names(), ", ")
}

func namesOf(rel *catalog.Relation, columns []int) string {
	var names []string
	for _, c := range columns {
		names = append(names, rel.Schema[c].Name)
	}
	return strings.Join(names, ", ")
}

// fromFile reads the rows of a file in the columns that are needed.
func (r *run) fromFile(p *piece, rel *catalog.Relation, f *feed, name *parser.Text) error {
	opts := optionsFor(rel, name.Value)
	cfg := f.cfg
	cfg.Filter = nil // the feed does it
	var err error
	p.name = r.path(name.Value)
	p.rows, p.lines, p.bad, err = r.read(rel, opts, cfg)
	if err != nil {
		r.wrong(name.Span(), "the path is relative to the folder of the test", "%s", err)
		return errWrong
	}
	return nil
}

// optionsFor returns the options of a file with rows of a relation: what the relation
// says of the form of its records holds for files of the same format.
func optionsFor(rel *catalog.Relation, path string) []catalog.Option {
	list := []catalog.Option{{Key: "connector", Value: "file"}, {Key: "path", Value: path}}
	format := connectors.InferFormat(connectors.NewOptions(rel.OptionMap()))
	own := connectors.InferFormat(connectors.NewOptions(map[string]string{"path": path}))
	for _, o := range rel.Options {
		switch o.Key {
		case "connector", "path", "partitioned", "idle_timeout", "alignment", "rows", "bounded":
		case "format":
			if own == "" {
				list = append(list, o)
			}
		case "time_zone", "on_error":
			list = append(list, o)
		default:
			if own == "" || own == format {
				list = append(list, o)
			}
		}
	}
	return list
}

// read reads a whole file. Its path is relative to the folder of the test.
func (r *run) read(rel *catalog.Relation, opts []catalog.Option, cfg connectors.SourceConfig) (*rows, []uint32, []connectors.BadRecord, error) {
	as := *rel
	as.Options = opts
	cfg.BaseDir = filepath.Dir(r.file.source.Name)
	s, err := r.bench.engine.Source(&as, cfg)
	if err != nil {
		return nil, nil, nil, plain(err)
	}
	ctx := context.Background()
	reader, err := s.Open(ctx)
	if err != nil {
		return nil, nil, nil, plain(err)
	}
	defer reader.Close()
	dec, err := s.NewDecoder()
	if err != nil {
		return nil, nil, nil, err
	}
	var c connectors.Chunk
	var place connectors.Place
	pool := data.NewPool(cfg.Columns())
	out, lines, base := newRows(cfg.Columns()), []uint32(nil), int64(0)
	var bad []connectors.BadRecord
	for {
		err := reader.Next(ctx, &c)
		if errors.Is(err, io.EOF) {
			return out, lines, bad, nil
		}
		if err != nil {
			return nil, nil, nil, err
		}
		if c.NewFile {
			base = c.HeaderLines
		}
		first := out.len()
		for done := false; !done; {
			b := pool.Get()
			done = dec.Decode(&c, b, &place, engineBatch)
			for k := range b.Rows() {
				out.add(b.Cols, b.Row(k), data.Insert)
				lines = append(lines, uint32(base+place.Line(b.Row(k))))
			}
			b.Release()
		}
		for _, x := range c.Bad {
			x.Row += first
			x.Line += base
			x.Record = append([]byte(nil), x.Record...)
			bad = append(bad, x)
		}
		base += c.Lines
		if c.Fatal != nil {
			return nil, nil, nil, c.Fatal
		}
	}
}

// engineBatch is the most rows of a batch while a file is read.
const engineBatch = 1024

// plain returns what an error says without its place, which is that of an option that
// nobody has written.
func plain(err error) error {
	var d *source.Diagnostic
	if errors.As(err, &d) {
		return errors.New(d.Message)
	}
	return err
}

// path returns a path of the test as it is from where the process stands.
func (r *run) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(r.file.source.Name), name)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
