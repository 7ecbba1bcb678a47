package engine

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tidemark/operators/data"
	"tidemark/parser/source"
	"tidemark/runtime/build"
	"tidemark/runtime/dataflow"
)

// Status returns how far time has come in the job, and who holds it. It may be called
// while the job runs; subqueries, which are worked out before, are not in it.
func (j *Job) Status() dataflow.Status { return j.program.Flow.Status() }

// ParseTimestamp reads a TIMESTAMP, in UTC where it names no zone, and returns its
// microseconds since 1970.
func ParseTimestamp(text string) (int64, error) {
	return data.NewTimeParser(nil).Parse([]byte(text))
}

// AdvanceWatermark moves the watermark of a stream that the job reads to t, in
// microseconds, or that of all for an empty name: a floor, behind the rows that have
// been read so far. It changes nothing where the watermark is not before t.
func (j *Job) AdvanceWatermark(stream string, t int64) error {
	var names []string
	found := false
	for _, s := range j.program.Flow.Sources {
		if s.Time < 0 {
			continue
		}
		names = append(names, s.Name)
		if stream == "" || strings.EqualFold(s.Name, stream) {
			s.Advance(t)
			found = true
		}
	}
	if found {
		return nil
	}
	hint := "no stream that is read has a watermark"
	if near := source.Near(stream, names); near != "" {
		hint = "did you mean " + near + "?"
	} else if len(names) > 0 {
		hint = "those are " + strings.Join(names, ", ")
	}
	return fmt.Errorf("no stream %s with a watermark is being read: %s", stream, hint)
}

// PartitionReport says how far the time of a partition has come.
type PartitionReport struct {
	Name string `json:"name"`
	// Watermark is empty before the first row and after the end.
	Watermark string `json:"watermark,omitempty"`
	State     string `json:"state"` // active, idle, stalled or finished
	// Skew says how far behind the partition's rows came.
	Skew *SkewReport `json:"skew,omitempty"`
}

// times adds what is known of the sources' time.
func (r *Report) times(st dataflow.Status, statements []*build.Statement) {
	for i, s := range st.Sources {
		if !s.Timed || len(s.Partitions) == 0 { // it was never read
			continue
		}
		to := &r.Sources[i]
		to.State, to.Ahead, to.Lagging, to.silence = s.State.String(), s.Ahead, s.Lagging, s.Silence
		if s.Holder >= 0 {
			to.HeldBy = s.Partitions[s.Holder].Name
		}
		if to.Skew = skewReport(s.Monitor, s.Live); to.Skew != nil && to.Skew.Problematic {
			if of := relationOf(s.Name, statements); of != nil {
				to.Skew.advise(s.Monitor, of, usesOf(of, queriesOf(statements)), missedBy(s.Name, statements))
			}
		}
		if len(s.Partitions) > 1 {
			for _, p := range s.Partitions {
				to.Partitions = append(to.Partitions, PartitionReport{p.Name, instant(p.Watermark), p.State.String(), skewReport(p.Monitor, s.Live)})
			}
		}
	}
	if st.Holder >= 0 {
		r.HeldBy = st.Sources[st.Holder].Name
	}
	if st.Watched {
		r.Confidence = &st.Confidence
	}
}

// missedBy returns by how much the latest row that a statement which reads a source has left
// out had missed its window; -1 where none was.
func missedBy(name string, statements []*build.Statement) int64 {
	missed := int64(-1)
	for _, st := range statements {
		reads := slices.ContainsFunc(st.Sources, func(s build.Use[*dataflow.Source]) bool { return s.Of.Name == name })
		if r := statementReport(st); reads && r.Late > 0 {
			missed = max(missed, r.missedBy)
		}
	}
	return missed
}

// instant prints a watermark; "" for one that has not begun, or is at the end of time.
func instant(t int64) string {
	if t == data.MinTime || t == data.MaxTime {
		return ""
	}
	return string(data.AppendTimestamp(nil, t))
}

// timeLines are what the summary says of a source's time.
func (s SourceReport) timeLines() string {
	var b strings.Builder
	if s.Watermark != "" || s.State == "idle" {
		w := s.Watermark
		if w == "" {
			w = "not begun"
		}
		fmt.Fprintf(&b, "%s: watermark %s", s.Name, w)
		if s.State == "idle" || s.State == "stalled" {
			b.WriteString(", " + s.State)
		}
		if s.HeldBy != "" && len(s.Partitions) > 1 {
			fmt.Fprintf(&b, ", held by %s", s.HeldBy)
		}
		b.WriteByte('\n')
	}
	if s.Lagging {
		fmt.Fprintf(&b, "%s: lagging: silent for %s, more than three times its typical_delay\n", s.Name, s.silence.Round(time.Second))
	}
	if s.Ahead > 0 {
		fmt.Fprintf(&b, "%s: %s further ahead than max_future_drift did not move the watermark\n", s.Name, count(s.Ahead, "row"))
	}
	return b.String()
}
