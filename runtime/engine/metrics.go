package engine

import (
	"fmt"
	"io"
	"strings"

	"tidemark/operators/data"
	"tidemark/runtime/dataflow"
)

// metricKinds are the metrics, in the order in which they are written.
var metricKinds = []struct{ name, kind, help string }{
	{"tidemark_source_rows_read_total", "counter", "Records read from a source."},
	{"tidemark_source_rows_rejected_total", "counter", "Records that could not be decoded."},
	{"tidemark_source_unknown_fields_total", "counter", "Fields of records that no column is declared for."},
	{"tidemark_source_messages_skipped_total", "counter", "Messages that are no records, as they have no value."},
	{"tidemark_source_bytes_read_total", "counter", "Bytes read from a source."},
	{"tidemark_source_rows_ahead_total", "counter", "Rows too far ahead to move the watermark."},
	{"tidemark_source_watermark_seconds", "gauge", "Where the watermark stands, seconds since 1970."},
	{"tidemark_source_state", "gauge", "1 for the state that a source is in: active, idle, stalled or finished."},
	{"tidemark_source_lagging", "gauge", "1 for a source that has been silent for too long."},
	{"tidemark_source_skew_rows", "counter", "Rows by how far they are behind."},
	{"tidemark_source_severity_rows", "counter", "Rows by how late they are."},
	{"tidemark_source_skew_mean_seconds", "gauge", "How far rows are behind on average."},
	{"tidemark_source_skew_max_seconds", "gauge", "How far the row furthest behind is."},
	{"tidemark_source_late_ratio", "gauge", "The share of rows that came behind the watermark."},
	{"tidemark_partition_watermark_seconds", "gauge", "Where the watermark of a partition stands, seconds since 1970."},
	{"tidemark_partition_late_ratio", "gauge", "The share of a partition's rows that came behind its watermark."},
	{"tidemark_statement_rows_total", "counter", "Rows of a statement's sources by what became of them."},
	{"tidemark_statement_rows_emitted_total", "counter", "Changelog rows given to a sink."},
	{"tidemark_open_windows", "gauge", "Windows that wait to be emitted."},
	{"tidemark_checkpoint_number", "gauge", "The number of the last checkpoint."},
	{"tidemark_checkpoint_seconds", "gauge", "How long the last checkpoint took."},
	{"tidemark_checkpoint_stall_seconds", "gauge", "How long the last checkpoint kept an operator from its rows at most."},
	{"tidemark_checkpoint_bytes", "gauge", "The size of the last checkpoint."},
	{"tidemark_checkpoint_written_bytes", "gauge", "How much of the last checkpoint was written, as the rest was on the disk already."},
	{"tidemark_unavailable", "gauge", "1 for a source or sink that waits for the other side."},
	{"tidemark_confidence", "gauge", "How far the sources are to be relied on, from 0 to 1."},
}

// metrics gathers samples by metric.
type metrics map[string][]string

// add adds a sample; labels are names and values in turn.
func (m metrics) add(name string, value float64, labels ...string) {
	var b strings.Builder
	b.WriteString(name)
	for i := 0; i < len(labels); i += 2 {
		sep := ","
		if i == 0 {
			sep = "{"
		}
		fmt.Fprintf(&b, "%s%s=\"%s\"", sep, labels[i], escapeLabel.Replace(labels[i+1]))
	}
	if len(labels) > 0 {
		b.WriteByte('}')
	}
	fmt.Fprintf(&b, " %v\n", value)
	m[name] = append(m[name], b.String())
}

var escapeLabel = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

// WriteMetrics writes how the job stands in the text format of Prometheus. It may be
// called while the job runs.
func (j *Job) WriteMetrics(w io.Writer) error {
	m, r, st := metrics{}, j.Report(), j.Status()
	for i, s := range r.Sources {
		m.source(&s, &st.Sources[i])
	}
	for _, s := range r.Statements {
		for _, of := range []struct {
			what string
			rows int64
		}{{"used", s.Used}, {"filtered", s.Filtered}, {"late", s.Late}, {"rejected", s.Rejected}} {
			m.add("tidemark_statement_rows_total", float64(of.rows), "statement", s.Name, "outcome", of.what)
		}
		m.add("tidemark_statement_rows_emitted_total", float64(s.Emitted), "statement", s.Name)
	}
	m.add("tidemark_open_windows", float64(r.Open))
	if r.Confidence != nil {
		m.add("tidemark_confidence", *r.Confidence)
	}
	if c := r.Checkpoint; c != nil {
		m.add("tidemark_checkpoint_number", float64(c.Number))
		m.add("tidemark_checkpoint_seconds", c.Seconds)
		m.add("tidemark_checkpoint_stall_seconds", c.Stall)
		m.add("tidemark_checkpoint_bytes", float64(c.Bytes))
		m.add("tidemark_checkpoint_written_bytes", float64(c.Written))
	}
	for _, t := range r.Trouble {
		m.add("tidemark_unavailable", 1, "name", t.Name)
	}
	for _, k := range metricKinds {
		if len(m[k.name]) == 0 {
			continue
		}
		if _, err := fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n%s", k.name, k.help, k.name, k.kind, strings.Join(m[k.name], "")); err != nil {
			return fmt.Errorf("writing metrics: %w", err)
		}
	}
	return nil
}

// source adds the samples of a source and its partitions.
func (m metrics) source(s *SourceReport, st *dataflow.SourceStatus) {
	label := []string{"source", s.Name}
	m.add("tidemark_source_rows_read_total", float64(s.Read), label...)
	m.add("tidemark_source_rows_rejected_total", float64(s.Rejected), label...)
	if s.UnknownFields > 0 {
		m.add("tidemark_source_unknown_fields_total", float64(s.UnknownFields), label...)
	}
	if s.Skipped > 0 {
		m.add("tidemark_source_messages_skipped_total", float64(s.Skipped), label...)
	}
	m.add("tidemark_source_bytes_read_total", float64(s.Bytes), label...)
	if s.State == "" {
		return
	}
	m.add("tidemark_source_rows_ahead_total", float64(s.Ahead), label...)
	m.watermark("tidemark_source_watermark_seconds", st.Watermark, label...)
	m.add("tidemark_source_state", 1, append(label, "state", s.State)...)
	m.add("tidemark_source_lagging", map[bool]float64{true: 1}[s.Lagging], label...)
	if k := s.Skew; k != nil {
		for _, b := range k.Histogram {
			m.add("tidemark_source_skew_rows", float64(b.Rows), append(label, "bucket", b.Name)...)
		}
		for _, b := range k.Severities {
			m.add("tidemark_source_severity_rows", float64(b.Rows), append(label, "severity", b.Name)...)
		}
		m.add("tidemark_source_skew_mean_seconds", float64(k.Mean)/1e6, label...)
		m.add("tidemark_source_skew_max_seconds", float64(k.Most)/1e6, label...)
		m.add("tidemark_source_late_ratio", k.LateRatio, label...)
	}
	for _, p := range st.Partitions {
		labels := append(label, "partition", p.Name)
		m.watermark("tidemark_partition_watermark_seconds", p.Watermark, labels...)
		if p.Monitor != nil && p.Monitor.Rows > 0 {
			m.add("tidemark_partition_late_ratio", p.Monitor.LateRatio(), labels...)
		}
	}
}

// watermark adds where a watermark stands, unless it has not begun or is at the end.
func (m metrics) watermark(name string, t int64, labels ...string) {
	if t != data.MinTime && t != data.MaxTime {
		m.add(name, float64(t)/1e6, labels...)
	}
}
