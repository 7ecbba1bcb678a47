package engine

import (
	"fmt"
	"strings"
	"time"

	"tidemark/operators/data"
	"tidemark/runtime/build"
)

// Report says what a run did. Its JSON form is what --report writes.
type Report struct {
	// Seconds is the wall time of the run.
	Seconds float64 `json:"seconds"`
	// RowsPerSecond is how many rows were read in each of them.
	RowsPerSecond float64 `json:"rows_per_second"`
	// Interrupted is true when the run was asked to stop before its inputs ended.
	Interrupted bool `json:"interrupted"`
	// Open is how many windows held rows and were not emitted: see Progress.
	Open       int64             `json:"open,omitempty"`
	Error      string            `json:"error,omitempty"`
	Sources    []SourceReport    `json:"sources"`
	Statements []StatementReport `json:"statements"`
	// Shared are the views and the like that were computed once for several uses.
	Shared []SharedReport `json:"shared,omitempty"`
	// HeldBy is the source that time waits for, where it has not come to its end.
	HeldBy string `json:"held_by,omitempty"`
	// Confidence, from 0 to 1, says how far the sources are to be relied on that have
	// a typical_delay or a reliability.
	Confidence *float64 `json:"confidence,omitempty"`
	// Checkpoint is the last one of a job that has them.
	Checkpoint *CheckpointReport `json:"checkpoint,omitempty"`
	// Trouble lists the inputs and sinks that wait for something to be available.
	Trouble []TroubleReport `json:"trouble,omitempty"`
}

// SharedReport says how many changelog rows were made once, and for how many uses.
type SharedReport struct {
	Name string `json:"name"`
	Uses int    `json:"uses"`
	Rows int64  `json:"rows"`
}

// SourceReport says what was read from a stream.
type SourceReport struct {
	Name     string `json:"name"`
	Read     int64  `json:"read"`     // records
	Rejected int64  `json:"rejected"` // records that could not be decoded
	// Skipped is how many messages were no records, as they had no value.
	Skipped int64 `json:"skipped,omitempty"`
	// UnknownFields is how many fields records had that no column is declared for, in JSON
	// and Protobuf.
	UnknownFields int64 `json:"unknown_fields,omitempty"`
	Bytes         int64 `json:"bytes"`
	// Watermark is where it stood at the end of the rows; empty when the stream
	// has none or no row came.
	Watermark string `json:"watermark,omitempty"`
	// State is active, idle, stalled or finished; empty when the stream has no watermark.
	State string `json:"state,omitempty"`
	// HeldBy is the partition that the watermark waits for, where it has not come to
	// its end.
	HeldBy string `json:"held_by,omitempty"`
	// Lagging is true for a source that was silent for too long.
	Lagging bool `json:"lagging,omitempty"`
	// Ahead is how many rows were too far ahead to move the watermark.
	Ahead      int64             `json:"ahead,omitempty"`
	Partitions []PartitionReport `json:"partitions,omitempty"` // where there are several
	// Skew says how far behind the rows came; nil when the stream has no event time.
	Skew *SkewReport `json:"skew,omitempty"`

	silence time.Duration
}

// StatementReport says what became of the rows of its sources in one statement.
// The account closes: Read + Repeated = Used + Filtered + Late + Rejected. A source that the
// statement reads on several ways counts on each of them.
type StatementReport struct {
	Name   string `json:"name"`
	Source string `json:"source"`
	Read   int64  `json:"read"`
	// Repeated are rows that UNNEST or windows in FROM made of one besides the first.
	Repeated int64 `json:"repeated,omitempty"`
	Used     int64 `json:"used"`
	Filtered int64 `json:"filtered"`
	Late     int64 `json:"late"`
	Rejected int64 `json:"rejected"`
	Emitted  int64 `json:"emitted"` // changelog rows given to the sink
	// PartlyLate are those of the used rows that missed some of their windows.
	PartlyLate int64 `json:"partly_late"`
	// MissedBy is how far, as an ISO 8601 interval, the watermark had passed the
	// end of its window when the latest late row came.
	MissedBy string `json:"missed_by,omitempty"`

	missedBy int64
}

func statementReport(st *build.Statement) StatementReport {
	r := StatementReport{Name: st.Query.Name, Emitted: st.Sink.Rows.Load()}
	var names []string
	for _, s := range st.Sources {
		stats := s.Of.Stats()
		r.Read += s.Times * stats.Read
		r.Rejected += s.Times * stats.Rejected
		names = append(names, s.Of.Name)
	}
	for _, l := range st.Tally.Late {
		r.Read += l.Times * l.Of.Account.Late.Load()
		names = append(names, "the late rows of "+l.Of.From)
	}
	r.Source = strings.Join(names, ", ")
	for _, a := range st.Accounts {
		r.Filtered += a.Times * a.Of.Filtered.Load()
		r.Repeated += a.Times * a.Of.Repeated.Load()
		r.Late += a.Times * a.Of.Late.Load()
		r.PartlyLate += a.Times * a.Of.PartlyLate.Load()
		r.missedBy = max(r.missedBy, a.Of.MissedBy.Load())
	}
	r.Used = r.Read + r.Repeated - r.Filtered - r.Late - r.Rejected
	if r.Late > 0 {
		r.MissedBy = string(data.AppendInterval(nil, data.Int128{Lo: uint64(r.missedBy)}))
	}
	return r
}

func newReport(p *build.Program, elapsed time.Duration) *Report {
	r := &Report{Seconds: elapsed.Seconds()}
	for _, s := range p.Flow.Sources {
		st := s.Stats()
		sr := SourceReport{Name: s.Name, Read: st.Read, Rejected: st.Rejected, Skipped: st.Skipped, UnknownFields: st.Unknown, Bytes: st.Bytes}
		if s.Time >= 0 && st.Watermark != data.MinTime {
			sr.Watermark = string(data.AppendTimestamp(nil, st.Watermark))
		}
		r.Sources = append(r.Sources, sr)
		if r.Seconds > 0 {
			r.RowsPerSecond += float64(st.Read) / r.Seconds
		}
	}
	r.times(p.Flow.Status(), p.Statements)
	for _, st := range p.Statements {
		r.Statements = append(r.Statements, statementReport(st))
	}
	for _, s := range p.Shared {
		if s.Uses < 2 { // but for its late rows
			continue
		}
		r.Shared = append(r.Shared, SharedReport{Name: s.Name, Uses: s.Uses, Rows: s.Rows.Load()})
	}
	return r
}

// Summary returns the report as the few lines a person reads at the end of a run.
func (r *Report) Summary() string {
	var b strings.Builder
	for _, s := range r.Statements {
		repeated := ""
		if s.Repeated > 0 {
			repeated = fmt.Sprintf(" + %d repeated", s.Repeated)
		}
		fmt.Fprintf(&b, "%s: %d emitted from %s: %d read%s = %d used + %d filtered + %d late + %d rejected\n",
			s.Name, s.Emitted, s.Source, s.Read, repeated, s.Used, s.Filtered, s.Late, s.Rejected)
		if s.PartlyLate > 0 {
			fmt.Fprintf(&b, "%s: partly late: %d of the used rows missed some of their windows\n", s.Name, s.PartlyLate)
		}
	}
	var read int64
	for _, s := range r.Sources {
		read += s.Read
		if s.Skipped > 0 {
			fmt.Fprintf(&b, "%s: %s without a value left out\n", s.Name, count(s.Skipped, "message"))
		}
		b.WriteString(s.timeLines())
		b.WriteString(s.Skew.lines(s.Name))
	}
	for _, s := range r.Shared {
		fmt.Fprintf(&b, "%s: %s, computed once for %s\n", s.Name, count(s.Rows, "row"), count(int64(s.Uses), "use"))
	}
	state := ""
	if r.Interrupted {
		state = ", interrupted: open windows were not emitted"
	}
	fmt.Fprintf(&b, "%.3f s, %s rows/s%s\n", r.Seconds, rate(read, r.Seconds), state)
	for _, line := range r.Advice() {
		b.WriteString(line + "\n")
	}
	return b.String()
}

// Advice returns a line for each statement that has left out late rows, which names
// the clause that would keep them.
func (r *Report) Advice() []string {
	var lines []string
	for _, s := range r.Statements {
		if s.Late > 0 {
			lines = append(lines, fmt.Sprintf("advice: %s left out %s, the latest of them %s after its window had closed; %s keeps them all",
				s.Name, count(s.Late, "late row"), period(s.missedBy), allowed(s.missedBy)))
		}
	}
	return lines
}

func count(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// rate prints rows per second in a form short enough to read.
func rate(rows int64, seconds float64) string {
	if seconds <= 0 {
		return "-"
	}
	switch r := float64(rows) / seconds; {
	case r >= 1e6:
		return fmt.Sprintf("%.1f M", r/1e6)
	case r >= 1e3:
		return fmt.Sprintf("%.1f k", r/1e3)
	default:
		return fmt.Sprintf("%.0f", r)
	}
}

// literal prints microseconds, rounded up to whole seconds and at least one, as an
// interval literal: with no lateness at all a row at the very end is late.
func literal(us int64) string {
	s := max(1, (us+999_999)/1_000_000)
	switch {
	case s > 0 && s%3600 == 0:
		return fmt.Sprintf("'%d' HOUR", s/3600)
	case s > 0 && s%60 == 0:
		return fmt.Sprintf("'%d' MINUTE", s/60)
	}
	return fmt.Sprintf("'%d' SECOND", s)
}
