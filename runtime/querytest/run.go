package querytest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"tidemark/operators/data"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner"
	"tidemark/planner/catalog"
)

// errWrong says that the test itself is wrong; what is said of it has been noted.
var errWrong = errors.New("the test is wrong")

// run is one test at work.
type run struct {
	file    *file
	test    *test
	bench   *bench
	offsets map[*catalog.Relation]int64
	inputs  []input // that were put in

	failures []Failure
	list     source.List // what is wrong with the test
	updates  []edit
	update   bool

	variant
	seen map[lane]int64 // the greatest time that has come
}

// variant is how a run differs from the test as it is written; the zero value is not at
// all.
type variant struct {
	how    string
	random *rand.Rand // for the order of arrival; nil as written
	// saves and crashes are before which steps there is a checkpoint, and a crash; −1 for
	// none.
	saves, crashes int
}

// asWritten is the variant that is the test itself.
var asWritten = variant{saves: -1, crashes: -1}

// wrong notes that the test itself is wrong.
func (r *run) wrong(at source.Span, hint, format string, args ...any) {
	r.list.Errorf(r.file.source, at, hint, format, args...)
}

// problems notes what is wrong with the test.
func (r *run) problems(list source.List) error {
	r.list = append(r.list, list...)
	return errWrong
}

// steps carries out the statements. A failing EXPECT does not end a test, an error of
// the flow does.
func (r *run) steps(list []*parser.Statement) error {
	for i := 0; i < len(list); i++ {
		s := list[i]
		err := r.interfere(i)
		switch {
		case err != nil:
		case r.random != nil && (s.Insert != nil || s.Feed != nil):
			n := i + 1
			for n < len(list) && (list[n].Insert != nil || list[n].Feed != nil) {
				n++
			}
			err = r.insertShuffled(list[i:n])
			i = n - 1
		default:
			err = r.step(s)
		}
		if errors.Is(err, errWrong) {
			return err
		}
		if err != nil {
			r.fail(s.Span(), fmt.Sprintf("the run has failed: %s", err), nil)
			return err
		}
	}
	return nil
}

// interfere saves or crashes before step i where the variant says so.
func (r *run) interfere(i int) error {
	if i == r.saves {
		if err := r.bench.checkpoint(); err != nil {
			return err
		}
	}
	if i == r.crashes {
		return r.bench.crash()
	}
	return nil
}

// step carries out one statement.
func (r *run) step(s *parser.Statement) error {
	b := r.bench
	switch {
	case s.Insert != nil, s.Feed != nil:
		table, in := inputOf(s)
		return r.insert(table, in)
	case s.Advance != nil:
		return r.advance(s.Advance)
	case s.Clock != nil:
		by, err := r.interval(s.Clock.By)
		if err != nil {
			return err
		}
		return b.happen(func(b *bench) error {
			b.clock.Advance(by)
			b.running.Tick()
			return nil
		})
	case s.Idle != nil:
		return r.idle(s.Idle)
	case s.Finish != nil:
		return r.finish(s.Finish)
	case s.Checkpoint != nil:
		return b.checkpoint()
	case s.Crash != nil:
		return b.crash()
	case s.Expect != nil:
		return r.expect(s.Expect)
	}
	return nil
}

// interval evaluates an interval of a fixed length.
func (r *run) interval(e *parser.Expr) (time.Duration, error) {
	c := planner.NewConstants(r.file.source, r.bench.plan.Catalog)
	v, ok := c.One(e, data.Of(data.Interval), "ADVANCE CLOCK")
	if !ok {
		if len(c.Problems()) == 0 {
			r.wrong(e.Span(), "write for example BY 5 MINUTES", "ADVANCE CLOCK needs an interval")
		}
		return 0, r.problems(c.Problems())
	}
	w := v.Wides[0]
	if months := w.Hi; months != 0 {
		r.wrong(e.Span(), "write it in days", "the length of a month is not fixed")
		return 0, errWrong
	}
	if int64(w.Lo) < 0 {
		r.wrong(e.Span(), "leave the sign out", "the clock does not go back")
		return 0, errWrong
	}
	return time.Duration(int64(w.Lo)) * time.Microsecond, nil
}

// instant evaluates a timestamp.
func (r *run) instant(e *parser.Expr, what string) (int64, error) {
	c := planner.NewConstants(r.file.source, r.bench.plan.Catalog)
	v, ok := c.One(e, data.Of(data.Timestamp), what)
	if !ok {
		if len(c.Problems()) == 0 {
			r.wrong(e.Span(), "write for example '2026-01-05T10:00:00Z'", "%s needs a timestamp", what)
		}
		return 0, r.problems(c.Problems())
	}
	return v.Ints[0], nil
}

// advance carries out ADVANCE WATERMARK.
func (r *run) advance(a *parser.Advance) error {
	to, err := r.instant(a.To, "ADVANCE WATERMARK")
	if err != nil {
		return err
	}
	var only *catalog.Relation
	if a.For != nil {
		if only, _ = r.inserted(a.For); only == nil {
			return errWrong
		}
		if only.Watermark == nil {
			r.wrong(a.For.Span(), "declare one in its CREATE STREAM", "%s has no watermark to advance", only.Name)
			return errWrong
		}
	}
	return r.bench.each(only, func(b *bench, rel *catalog.Relation, f *feed) {
		if rel.Watermark != nil {
			b.sourceOf(f).Advance(to)
		}
	})
}

// idle carries out IDLE.
func (r *run) idle(i *parser.Idle) error {
	rel, f := r.inserted(i.Stream)
	if rel == nil {
		return errWrong
	}
	partition := -1
	if i.Partition != nil {
		for k, name := range f.partitions {
			if name == fmt.Sprint(i.Partition.Value) {
				partition = k
			}
		}
	}
	return r.bench.each(rel, func(b *bench, _ *catalog.Relation, f *feed) { b.sourceOf(f).SetIdle(partition) })
}

// finish carries out FINISH.
func (r *run) finish(f *parser.Finish) error {
	var only *catalog.Relation
	if f.Stream != nil {
		if only, _ = r.inserted(f.Stream); only == nil {
			return errWrong
		}
	}
	return r.bench.each(only, func(_ *bench, _ *catalog.Relation, f *feed) { f.finish() })
}

// each lets something happen to the feed of one relation, or to those of all for nil: one
// after the other, in order of declaration.
func (b *bench) each(only *catalog.Relation, do func(*bench, *catalog.Relation, *feed)) error {
	for _, rel := range b.plan.Catalog.Relations() {
		if b.feeds[rel] == nil || only != nil && rel != only {
			continue
		}
		if err := b.happen(func(b *bench) error {
			do(b, rel, b.feeds[rel])
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}
