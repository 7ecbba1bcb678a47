package querytest

import (
	"fmt"
	"slices"
	"strings"

	"tidemark/connectors"
	"tidemark/operators/data"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner"
	"tidemark/planner/catalog"
)

// expect holds what has come against what is expected.
func (r *run) expect(e *parser.Expect) error {
	switch e.Kind {
	case parser.ExpectLate, parser.ExpectRejected:
		return r.expectCount(e)
	case parser.ExpectState:
		if r.random != nil {
			return nil
		}
		return r.expectState(e)
	case parser.ExpectWatermark:
		return r.expectWatermark(e)
	case parser.ExpectError:
		return r.expectError(e)
	}
	c := r.captured(e.Target)
	if c == nil {
		return errWrong
	}
	columns, ok := r.picked(e, c)
	if !ok {
		return errWrong
	}
	if e.Kind == parser.ExpectChanges || e.Kind == parser.ExpectNoChanges {
		return r.expectChanges(e, c, columns)
	}
	got := c.content().only(columns)
	want := newRows(got.schema)
	var err error
	switch {
	case e.Values != nil:
		want, _, err = r.expected(e, got.schema, false, nil)
	case e.File != nil:
		want, err = r.expectedFile(e, got.schema, c.name)
	case e.Query != nil:
		want, err = r.expectedQuery(e, got.schema, c.name)
	}
	if err != nil {
		return err
	}
	d := diffSets(got, want)
	if d.same() {
		return nil
	}
	if e.Values != nil && r.update && got.len() > 0 {
		r.rewrite(e, got, false)
		return nil
	}
	r.fail(e.Span(), d.summary(e, c.name), d.lines(), r.standing()...)
	return nil
}

// captured returns the capture of what an EXPECT names.
func (r *run) captured(n *parser.Name) *capture {
	if q := r.bench.plan.Query(n.Text); q != nil {
		if c := r.bench.captures[strings.ToLower(q.Name)]; c != nil {
			return c
		}
	}
	r.wrong(n.Span(), r.near(n.Text), "there is no stream, table or view %s", n.Text)
	return nil
}

// picked returns the columns that an EXPECT names; nil for all.
func (r *run) picked(e *parser.Expect, c *capture) ([]int, bool) {
	var list []int
	for _, n := range e.Columns {
		i := c.log.schema.Find(n.Text)
		if i < 0 {
			r.wrong(n.Span(), nearColumn(n.Text, c.log.schema), "%s has no column %s", c.name, n.Text)
			return nil, false
		}
		list = append(list, i)
	}
	return list, true
}

// expected evaluates the rows of an EXPECT … VALUES, each behind its change where these
// are changes. A -D may have the columns of the key alone; known has how many columns of
// each row are given.
//
// When they are to be rewritten, rows that cannot be read are as good as others.
func (r *run) expected(e *parser.Expect, schema data.Schema, changes bool, key []int) (*rows, []int, error) {
	problems := len(r.list)
	want, known, err := r.evaluated(e, schema, changes, key)
	if err != nil && r.update {
		r.list = r.list[:problems]
		other := newRows(schema) // a row that does not come
		for _, v := range other.cols {
			v.AppendNull()
		}
		other.changes = append(other.changes, data.UpdateBefore)
		return other, []int{len(schema)}, nil
	}
	return want, known, err
}

func (r *run) evaluated(e *parser.Expect, schema data.Schema, changes bool, key []int) (want *rows, known []int, err error) {
	want = newRows(schema)
	constants := planner.NewConstants(r.file.source, r.bench.plan.Catalog)
	for _, row := range e.Values.Rows {
		exprs, change := row.Exprs, data.Insert
		if changes {
			var ok bool
			if change, ok = r.changeOf(row); !ok {
				return nil, nil, errWrong
			}
			exprs = exprs[1:]
		}
		short := change == data.Delete && len(key) > 0 && len(exprs) == len(key)
		if len(exprs) != len(schema) && !short {
			what := "the row has"
			if changes {
				what = "behind its change the row has"
			}
			r.wrong(row.Span(), "the columns are "+strings.Join(schema.Names(), ", "), "%s %s, but %s has %d", what, count(len(exprs), "value"), e.Target.Text, len(schema))
			return nil, nil, errWrong
		}
		for i, v := range want.cols {
			k := i
			if short && len(exprs) < len(schema) {
				if k = slices.Index(key, i); k < 0 {
					v.AppendNull()
					continue
				}
			}
			if !constants.Append(v, exprs[k], schema[i], e.Target.Text) {
				return nil, nil, r.problems(constants.Problems())
			}
		}
		want.changes = append(want.changes, change)
		known = append(known, len(exprs))
	}
	return want, known, nil
}

// expectedFile reads the rows of an EXPECT … FROM 'file'.
func (r *run) expectedFile(e *parser.Expect, schema data.Schema, name string) (*rows, error) {
	rel := &catalog.Relation{Name: name, Schema: schema}
	cfg := connectors.SourceConfig{Name: name, Schema: schema}
	for i := range schema {
		cfg.Needed = append(cfg.Needed, i)
	}
	want, _, bad, err := r.read(rel, optionsFor(rel, e.File.Value), cfg)
	if err == nil && len(bad) > 0 {
		err = fmt.Errorf("%s:%d: %s", e.File.Value, bad[0].Line+1, bad[0].Reason)
	}
	if err != nil {
		r.wrong(e.File.Span(), "the path is relative to the folder of the test", "%s", err)
		return nil, errWrong
	}
	return want, nil
}

// expectChanges holds the changes since the last such statement against those that are
// expected, in order.
func (r *run) expectChanges(e *parser.Expect, c *capture, columns []int) error {
	got := c.log.from(c.seen).only(columns)
	want, known := newRows(got.schema), []int(nil)
	if e.Values != nil {
		key := c.key
		if columns != nil {
			key = nil
		}
		var err error
		if want, known, err = r.expected(e, got.schema, true, key); err != nil {
			return err
		}
	}
	c.seen = c.log.len()
	if r.random != nil {
		return nil // the order of changes follows that of rows
	}
	d := diffLists(got, want, known, c.key)
	if d.same() {
		return nil
	}
	if e.Values != nil && r.update && got.len() > 0 {
		r.rewrite(e, got, true)
		return nil
	}
	r.fail(e.Span(), d.summary(e, c.name), d.lines(), r.standing()...)
	return nil
}

// expectWatermark holds the watermark of a stream against the one that is expected.
func (r *run) expectWatermark(e *parser.Expect) error {
	rel, f := r.fedOf(e.Target)
	if rel == nil {
		return errWrong
	}
	want, err := r.instant(e.Time, "EXPECT WATERMARK")
	if err != nil {
		return err
	}
	if got := r.bench.watermark(f); got != want {
		r.fail(e.Span(), fmt.Sprintf("the watermark of %s is not as expected", rel.Name),
			[]string{"- " + showTime(want) + "   expected", "+ " + showTime(got) + "   came"}, r.standing()...)
	}
	return nil
}

// fedOf returns the stream of a name that a test feeds.
func (r *run) fedOf(n *parser.Name) (*catalog.Relation, *feed) {
	rel := r.bench.plan.Catalog.Lookup(n.Text)
	if rel != nil && r.bench.feeds[rel] != nil {
		return rel, r.bench.feeds[rel]
	}
	return r.inserted(n)
}

// expectCount holds a counter against the number that is expected.
func (r *run) expectCount(e *parser.Expect) error {
	rel, f := r.fedOf(e.Target)
	if rel == nil {
		return errWrong
	}
	what, got := "late", r.bench.late(f)
	if e.Kind == parser.ExpectRejected {
		what, got = "rejected", r.bench.sourceOf(f).Stats().Rejected
	}
	if got != e.Count.Value {
		r.fail(e.Span(), fmt.Sprintf("%s of %s: expected %d, got %d", what, rel.Name, e.Count.Value, got), nil, r.standing()...)
	}
	return nil
}

// expectError holds what planning says of a statement against a part of the message
// that is expected. A query that can be planned is run over what was fed.
func (r *run) expectError(e *parser.Expect) error {
	message := r.refusal(e.Statement)
	switch {
	case message == "":
		r.fail(e.Span(), "the statement was expected to be refused, and is not", nil)
	case !strings.Contains(strings.ToLower(message), strings.ToLower(e.Message.Value)):
		r.fail(e.Span(), "another error than expected", []string{"- " + e.Message.Value + "   expected to be part of it", "+ " + strings.ReplaceAll(message, "\n", "\n  ")})
	}
	return nil
}

// refusal returns what is wrong with a statement, "" when nothing is.
func (r *run) refusal(s *parser.Statement) string {
	own := &parser.Script{File: r.file.source, Statements: []*parser.Statement{s}}
	_, problems := r.planWith(own)
	var mine []string
	for _, p := range problems {
		if p.Severity == source.Error {
			mine = append(mine, p.Message)
		}
	}
	if len(mine) > 0 || s.Query == nil {
		return strings.Join(mine, "\n")
	}
	_, _, err := r.batch(s.Query)
	if err != nil {
		return err.Error()
	}
	return ""
}
