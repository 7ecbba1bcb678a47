package stdio

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// screen is the sink of a result that is shown as it changes.
type screen struct {
	cfg  connectors.PrintConfig
	mu   sync.Mutex // guards fold
	fold *connectors.Fold
}

// Write implements connectors.Sink.
func (s *screen) Write(_ context.Context, b *data.Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fold.Apply(b)
}

// tableEdges are the lines of a table that are not its rows.
const tableEdges = 4

// Draw implements connectors.Screen.
func (s *screen) Draw(width, height int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows := s.fold.Sorted()
	hidden := 0
	if most := max(1, height-tableEdges); len(rows.Sel) > most {
		hidden = len(rows.Sel) - max(1, most-1)
		rows.Sel = rows.Sel[hidden:]
	}
	g := newGrid(s.cfg.Schema, s.cfg.Null, width)
	table := string(g.finish(g.append(nil, rows)))
	if hidden > 0 {
		table = fmt.Sprintf("… %d more before these\n", hidden) + table
	}
	return strings.TrimSuffix(table, "\n")
}

// Count implements connectors.Counted.
func (s *screen) Count() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int64(s.fold.Len())
}

// Flush implements connectors.Sink.
func (*screen) Flush(context.Context) error { return nil }

// Close implements connectors.Sink.
func (*screen) Close() error { return nil }
