package repl

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/runtime/engine"
)

// background is the INSERTs that run while the conversation goes on.
type background struct {
	list []*running
}

// running is one of them. Its fields change no more once done is closed.
type running struct {
	id      int
	text    string
	job     *engine.Job
	began   time.Time
	cancel  context.CancelFunc
	done    chan struct{}
	report  *engine.Report
	err     error
	stopped bool // somebody asked for it
	told    bool // how it ended has been said
}

// start runs a job in the background.
func (b *background) start(text string, job *engine.Job) *running {
	ctx, cancel := context.WithCancel(context.Background())
	q := &running{id: len(b.list) + 1, text: text, job: job, began: time.Now(), cancel: cancel, done: make(chan struct{})}
	b.list = append(b.list, q)
	go func() {
		defer close(q.done)
		defer cancel()
		q.report, q.err = job.Run(ctx, context.Background())
	}()
	return q
}

// over reports whether the query has ended.
func (q *running) over() bool {
	select {
	case <-q.done:
		return true
	default:
		return false
	}
}

// state is what \dq shows.
func (q *running) state() string {
	switch {
	case !q.over():
		return "running"
	case q.err != nil:
		return "failed"
	case q.stopped:
		return "stopped"
	}
	return "done"
}

// stopAll ends all queries and waits for them.
func (b *background) stopAll() {
	for _, q := range b.list {
		q.cancel()
	}
	for _, q := range b.list {
		<-q.done
	}
}

// wait waits for the queries to end; an interrupt stops them.
func (b *background) wait(interrupts <-chan os.Signal) {
	all := make(chan struct{})
	var group sync.WaitGroup
	for _, q := range b.list {
		group.Go(func() { <-q.done })
	}
	go func() { group.Wait(); close(all) }()
	select {
	case <-all:
	case <-interrupts:
		b.stopAll()
	}
}

// patience is how long the prompt waits for an INSERT that comes to an end, before it
// is left to the background.
const patience = 2 * time.Second

// insert runs an INSERT. One into a stream in memory only checks its values. Others go
// to the background; one that comes to an end is waited for, for long by a script.
func (r *REPL) insert(p *engine.Planned) {
	if p.Bounded && r.cfg.Terminal == nil || p.Statement.Insert != nil && p.Memory {
		if r.query(p) {
			r.keep(p)
			r.declared(p)
		}
		return
	}
	r.keep(p)
	q := r.queries.start(r.last, p.Job)
	if p.Bounded {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		select {
		case <-q.done:
			r.announce()
			return
		case <-timer.C:
		}
	}
	if r.cfg.Terminal != nil {
		r.printf("query %d runs in the background: \\dq lists, STOP QUERY %d ends it\n", q.id, q.id)
	}
}

// announce says which queries have ended since the last time.
func (r *REPL) announce() {
	for _, q := range r.queries.list {
		if q.told || !q.over() {
			continue
		}
		q.told = true
		if q.err != nil {
			if r.cfg.Terminal != nil {
				r.printf("query %d has failed\n", q.id)
			}
			r.failed(q.err)
			continue
		}
		if r.cfg.Terminal != nil {
			rows := int64(0)
			for _, s := range q.report.Statements {
				rows += s.Emitted
			}
			how := "is done"
			if q.stopped {
				how = "was " + stopped(q.report)
			}
			r.printf("query %d %s: %s in %.3f s\n", q.id, how, count(rows, "row"), q.report.Seconds)
		}
		for _, line := range q.report.Advice() {
			r.printf("%s\n", line)
		}
	}
}

// showQueries answers SHOW QUERIES: with a query over the list, so that it is shown as
// every result is.
func (r *REPL) showQueries(s *parser.Show, f *source.File) {
	var rows []string
	for _, q := range r.queries.list {
		p := q.job.Progress()
		rows = append(rows, fmt.Sprintf("(%d, %s, %d, %s)", q.id, literal(q.state()), p.Rows, literal(strings.TrimSuffix(q.text, ";"))))
	}
	text := "SELECT id, state, rows_read, query FROM (VALUES " + strings.Join(rows, ", ") + ") AS q (id, state, rows_read, query)"
	if rows == nil {
		text = "SELECT id, state, rows_read, query FROM (VALUES (0, '', 0, '')) AS q (id, state, rows_read, query) WHERE FALSE"
	} else if s.Like != nil {
		at := s.Like.Span()
		text += " WHERE query ILIKE " + f.Text[at.Start:at.End]
	}
	r.internal(text)
}

// internal runs a query of the program's own.
func (r *REPL) internal(text string) {
	r.began = time.Now()
	p, problems, err := r.session.Prepare(source.NewFile("", text), r.options())
	r.diagnose(problems)
	switch {
	case problems.HasErrors():
		r.fail(exitWrong)
	case err != nil:
		r.failed(err)
	default:
		r.query(p)
	}
}

// literal writes a text as a string of the language.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// stopQuery carries out STOP QUERY.
func (r *REPL) stopQuery(s *parser.Stop, f *source.File) {
	at := s.ID.Span()
	text := strings.TrimSpace(f.Text[at.Start:at.End])
	q := r.find(text)
	if q == nil || q.over() {
		var problems source.List
		hint := "no query is running"
		if ids := r.runningIDs(); len(ids) > 0 {
			hint = "those that run are " + strings.Join(ids, ", ")
		}
		problems.Errorf(f, at, hint, "there is no query %s that is running", text)
		r.diagnose(problems)
		r.fail(exitWrong)
		return
	}
	q.stopped = true
	q.cancel()
	<-q.done
	r.announce()
}

// find returns the query of a number, nil when there is none.
func (r *REPL) find(id string) *running {
	n, err := strconv.Atoi(id)
	if err != nil || n < 1 || n > len(r.queries.list) {
		return nil
	}
	return r.queries.list[n-1]
}

// runningIDs returns the numbers of the queries that run.
func (r *REPL) runningIDs() []string {
	var ids []string
	for _, q := range r.queries.list {
		if !q.over() {
			ids = append(ids, strconv.Itoa(q.id))
		}
	}
	return ids
}
