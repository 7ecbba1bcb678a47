package kafka

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"tidemark/connectors"
	"tidemark/connectors/format"
)

// source is topics of a cluster.
type source struct {
	options connectors.Options
	baseDir string
	scan    *scan
	reading *format.Reading
	unpack  unpacker // as each worker begins with
	now     func() int64
}

// NewSource returns a source of the topics that the options name. The brokers are asked
// for them by Open.
func NewSource(cfg connectors.SourceConfig) (connectors.Source, error) {
	o, err := canonical(cfg.Options)
	if err != nil {
		return nil, err
	}
	s := &source{options: o, baseDir: cfg.BaseDir, now: cfg.Now}
	if s.now == nil {
		s.now = func() int64 { return time.Now().UnixMicro() }
	}
	if s.scan, err = newScan(o); err != nil {
		return nil, err
	}
	c, err := s.client() // to find what is wrong with its options
	if err != nil {
		return nil, err
	}
	c.Close()
	cfg.Options = o.With("header", "false")
	if s.reading, err = format.NewReading(cfg); err != nil {
		return nil, err
	}
	s.unpack = unpacker{framing: &s.reading.Framing, binary: s.reading.Binary, columns: len(cfg.Schema), open: decompressor{most: s.scan.maxBatch},
		keys: slices.Contains(cfg.Tells, "key"), headers: slices.Contains(cfg.Tells, "headers")}
	return s, nil
}

// client returns a client for the source's cluster.
func (s *source) client() (*client, error) { return newClient(s.options, s.baseDir, s.scan.topics) }

// NewDecoder implements connectors.Source.
func (s *source) NewDecoder() (connectors.Decoder, error) {
	inner, err := s.reading.NewDecoder()
	if err != nil {
		return nil, err
	}
	return &decoder{inner: inner, unpack: s.unpack}, nil
}

// Bounded implements connectors.Source.
func (s *source) Bounded() bool { return s.scan.end.mode != never }

// Apart implements connectors.Apart: the order of a topic with an end must not depend on
// which partition answers first.
func (s *source) Apart() bool { return s.Bounded() }

// Open implements connectors.Source.
func (s *source) Open(ctx context.Context) (connectors.Reader, error) { return s.open(ctx, nil) }

// OpenAt implements connectors.Resumable.
func (s *source) OpenAt(ctx context.Context, at []connectors.Position) (connectors.Reader, error) {
	positions, err := parsePositions(at)
	if err != nil {
		return nil, err
	}
	return s.open(ctx, positions)
}

func (s *source) open(ctx context.Context, at *resumed) (connectors.Reader, error) {
	c, err := s.client()
	if err != nil {
		return nil, err
	}
	parts, err := s.scan.plan(ctx, c, at)
	if err != nil {
		c.Close()
		return nil, err
	}
	f := newFetcher(c, s.scan, s.now)
	r := newReader(f, parts, s.Bounded(), s.reading.Registry, func() error {
		f.close()
		return nil
	})
	if s.scan.discovery > 0 && !s.Bounded() {
		f.mu.Lock()
		f.spawn(func() { f.discover(r) })
		f.mu.Unlock()
	}
	return wholeReader{r}, nil
}

// Split implements connectors.Split: each partition of the topics. All are fetched
// together.
func (s *source) Split(ctx context.Context) ([]connectors.Part, error) {
	c, err := s.client()
	if err != nil {
		return nil, err
	}
	defer c.Close()
	found, err := s.scan.plan(ctx, c, nil)
	if err != nil {
		return nil, err
	}
	all := &shared{source: s}
	parts := make([]connectors.Part, len(found))
	for i, p := range found {
		parts[i] = connectors.Part{Name: p.String(), Source: &partSource{all, p}}
	}
	return parts, nil
}

// shared is what the partitions of a source that are read apart have in common: a fetcher,
// as long as one of them is being read.
type shared struct {
	*source

	mu      sync.Mutex
	fetcher *fetcher
	users   int
}

func (s *shared) acquire() (*fetcher, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fetcher == nil {
		c, err := s.client()
		if err != nil {
			return nil, err
		}
		s.fetcher = newFetcher(c, s.scan, s.now)
	}
	s.users++
	return s.fetcher, nil
}

func (s *shared) release() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users--; s.users == 0 {
		s.fetcher.close()
		s.fetcher = nil
	}
	return nil
}

// partSource is one partition of a source.
type partSource struct {
	*shared
	part found
}

// Split implements connectors.Split: it is one already.
func (s *partSource) Split(context.Context) ([]connectors.Part, error) {
	return []connectors.Part{{Name: s.part.String(), Source: s}}, nil
}

// Open implements connectors.Source.
func (s *partSource) Open(context.Context) (connectors.Reader, error) {
	f, err := s.acquire()
	if err != nil {
		return nil, err
	}
	return newReader(f, []found{s.part}, true, s.reading.Registry, s.release), nil
}

// OpenAt implements connectors.Resumable.
func (s *partSource) OpenAt(ctx context.Context, at []connectors.Position) (connectors.Reader, error) {
	if len(at) == 0 || len(at[0].At) == 0 {
		return s.Open(ctx)
	}
	if at[0].Partition != s.part.String() { // they are known by their places in the list
		return nil, &connectors.OptionError{Option: s.scan.topicOption, Message: fmt.Sprintf("the partitions that are read have changed since the checkpoint was made: where %s is now, there was %s", s.part, at[0].Partition),
			Hint: "name the topics that were read then; with an end, topics and partitions may only come behind the others"}
	}
	pos, err := parsePosition(at[0].At)
	if err != nil {
		return nil, err
	}
	one := *s
	if one.part, err = s.again(ctx, pos); err != nil {
		return nil, err
	}
	return one.Open(ctx)
}

// again returns the partition as it goes on at a position.
func (s *partSource) again(ctx context.Context, at position) (found, error) {
	c, err := s.client()
	if err != nil {
		return found{}, err
	}
	defer c.Close()
	parts := []found{s.part}
	err = newRetry().DoFor(ctx, patience, func() error {
		positions := &resumed{names: []string{s.part.String()}, at: map[string]position{s.part.String(): at}}
		if err := s.scan.starts(ctx, c, parts, positions); err != nil {
			return err
		}
		return s.scan.ends(ctx, c, parts, positions)
	})
	return parts[0], err
}
