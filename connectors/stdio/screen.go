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
	all := s.fold.Sorted()
	rows := all.Sel
	last := func(n int) (table string, lines bool) {
		all.Sel = rows[len(rows)-min(n, len(rows)):]
		g := newGrid(s.cfg.Schema, s.cfg.Null, width)
		table = string(g.finish(g.append(nil, all)))
		if hidden := len(rows) - len(all.Sel); hidden > 0 {
			table = fmt.Sprintf("… %d more before these\n", hidden) + table
		}
		return strings.TrimSuffix(table, "\n"), g.lines != nil
	}
	room := max(1, height-tableEdges)
	if len(rows) > room {
		room = max(1, room-1)
	}
	table, lines := last(room)
	if lines {
		table, _ = last(max(1, (height-1)/(len(s.cfg.Schema)+1)))
	}
	return table
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
