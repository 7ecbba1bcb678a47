package format

import (
	"context"
	"encoding/binary"
	"fmt"

	"tidemark/connectors"
)

// CanResume reports whether the source can be read on from a position.
func (s *metaSource) CanResume() bool {
	_, ok := connectors.Resumes(s.Source)
	return ok
}

// OpenAt implements connectors.Resumable: a position is the lines before it, and the
// inner source's.
func (s *metaSource) OpenAt(ctx context.Context, at []connectors.Position) (connectors.Reader, error) {
	inner, ok := s.Source.(connectors.Resumable)
	if !ok {
		return nil, fmt.Errorf("this input cannot be read on from where it stood")
	}
	below := make([]connectors.Position, len(at))
	var line uint64
	for i, p := range at {
		n := 0
		if len(p.At) > 0 {
			if line, n = binary.Uvarint(p.At); n <= 0 {
				return nil, fmt.Errorf("partition %q: the saved position is damaged", p.Partition)
			}
		}
		below[i] = connectors.Position{Partition: p.Partition, At: p.At[n:]}
	}
	r, err := inner.OpenAt(ctx, below)
	if err != nil {
		return nil, err
	}
	return s.reader(r, int64(line)), nil
}

// reader returns a reader that adds what the metadata tells. line is how many lines of
// the input were read before.
func (s *metaSource) reader(r connectors.Reader, line int64) connectors.Reader {
	inner := &metaReader{Reader: r, m: s.m, line: line}
	many, ok := r.(connectors.Partitioned)
	if !ok {
		return inner
	}
	return &metaPartitions{inner, many}
}

// Start implements connectors.Starting, for an inner reader that is one.
func (r *metaReader) Start(partition int) []byte {
	inner, ok := r.Reader.(connectors.Starting)
	if !ok {
		return nil
	}
	at := inner.Start(partition)
	if at == nil {
		return nil
	}
	return after(0, at)
}

// Acknowledge implements connectors.Acknowledged, for an inner reader that is one.
func (r *metaReader) Acknowledge(ctx context.Context, at []connectors.Position) error {
	inner, ok := r.Reader.(connectors.Acknowledged)
	if !ok {
		return nil
	}
	below := make([]connectors.Position, len(at))
	for i, p := range at {
		_, n := binary.Uvarint(p.At)
		below[i] = connectors.Position{Partition: p.Partition, At: p.At[max(0, n):]}
	}
	return inner.Acknowledge(ctx, below)
}

// Trouble implements connectors.Troubled, for an inner reader that is one.
func (r *metaReader) Trouble() (int64, error) {
	if inner, ok := r.Reader.(connectors.Troubled); ok {
		return inner.Trouble()
	}
	return 0, nil
}

// after returns the position of an inner source's with the lines before it.
func after(line int64, inner []byte) []byte {
	return append(binary.AppendUvarint(nil, uint64(line)), inner...)
}
