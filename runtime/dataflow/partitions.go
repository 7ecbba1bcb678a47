package dataflow

import (
	"context"
	"fmt"

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

// open opens the i-th source of a flow, at the beginning or where a snapshot stood,
// and returns its runs, which lead nowhere yet.
func (s *Source) open(ctx context.Context, c clock.Clock, i int, from *Snapshot) (runs []*sourceRun, err error) {
	parts, err := s.split(ctx)
	if err != nil {
		return nil, err
	}
	for k, p := range parts {
		id := fmt.Sprintf("source %d.%d", i, k)
		r, err := reopen(ctx, p.Source, id, from)
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
		run.id = id
		runs = append(runs, run)
	}
	return runs, nil
}

func closeRuns(runs []*sourceRun) {
	for _, r := range runs {
		r.reader.Close()
	}
}
