package engine

import (
	"time"

	"tidemark/connectors"
)

// CheckpointReport says how the checkpoints of a job stand.
type CheckpointReport struct {
	// Number is that of the last one, 0 before there is one.
	Number int64 `json:"number"`
	// At is when it was safe on the disk.
	At string `json:"at,omitempty"`
	// Seconds is how long it took, Stall how long of it an operator was kept from its rows
	// at most, Bytes the size of what the job remembers, and Written how much of that was
	// written: the rest was on the disk already.
	Seconds float64 `json:"seconds"`
	Stall   float64 `json:"stall_seconds"`
	Bytes   int64   `json:"bytes"`
	Written int64   `json:"written_bytes"`
}

// TroubleReport says that an input or a sink waits for something that is not available.
type TroubleReport struct {
	Name   string `json:"name"`
	Since  string `json:"since"`
	Reason string `json:"reason"`
}

func checkpointReport(d *durable) *CheckpointReport {
	s := d.Status()
	r := &CheckpointReport{Number: s.Number, Seconds: s.Took.Seconds(), Stall: time.Duration(d.stall.Load()).Seconds(), Bytes: s.Bytes, Written: s.Written}
	if s.Number > 0 {
		r.At = s.At.UTC().Format(time.RFC3339Nano)
	}
	return r
}

// troubles lists what inputs and sinks wait for.
func (j *Job) troubles() []TroubleReport {
	var list []TroubleReport
	add := func(name string, of any) {
		t, ok := of.(connectors.Troubled)
		if !ok {
			return
		}
		if since, err := t.Trouble(); err != nil {
			list = append(list, TroubleReport{name, time.UnixMicro(since).UTC().Format(time.RFC3339Nano), err.Error()})
		}
	}
	for _, s := range j.sources() {
		for _, r := range s.Readers() {
			add(s.Name, r)
		}
	}
	for _, s := range j.program.Flow.Sinks {
		add(s.Name, s.Sink)
	}
	return list
}
