package dataflow

import (
	"context"

	"tidemark/connectors"
	"tidemark/operators/clock"
)

// split returns what a source is read in: its partitions, or itself.
func (s *Source) split(ctx context.Context) ([]connectors.Part, error) {
	if !s.Partitioned || s.Time < 0 {
		return []connectors.Part{{Name: s.Name, Source: s.Input}}, nil
	}
	parts, err := connectors.Parts(ctx, s.Input)
	if err == nil && len(parts) == 1 {
		parts[0].Name = s.Name
	}
	return parts, err
}

// open opens a source, which snapshots know by id, at the beginning or where a snapshot stood,
// and returns its runs, which lead nowhere yet.
func (s *Source) open(ctx context.Context, c clock.Clock, id string, from *Snapshot) (runs []*sourceRun, err error) {
	parts, err := s.split(ctx)
	if err != nil {
		return nil, err
	}
	for k, p := range parts {
		part := workerID(id, k)
		r, err := reopen(ctx, p.Source, part, from)
		if err != nil {
			closeRuns(runs)
			return nil, err
		}
		wm, err := s.generator(ctx, p.Source, c)
		if err != nil {
			r.Close()
			closeRuns(runs)
			return nil, err
		}
		run := newSourceRun(s, p.Name, p.Source, r, wm, c)
		run.id, run.countID = part, "read "+id
		runs = append(runs, run)
	}
	return runs, nil
}

func closeRuns(runs []*sourceRun) {
	for _, r := range runs {
		r.reader.Close()
	}
}
