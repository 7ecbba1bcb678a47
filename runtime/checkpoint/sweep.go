package checkpoint

import (
	"bufio"
	"fmt"
	"strings"

	"tidemark/connectors"
)

// prune removes all but the last checkpoints, and the chunks that only they had.
func (s *Store) prune() error {
	numbers, err := s.numbers()
	if err != nil {
		return connectors.Reason(err)
	}
	for _, n := range numbers[min(len(numbers), s.retain):] {
		if err := s.fs.Remove(fileName(n)); err != nil {
			return fmt.Errorf("the old checkpoint %d cannot be removed: %w", n, connectors.Reason(err))
		}
	}
	return s.sweep()
}

// sweep removes the files of chunks that no checkpoint has any in. While there is a
// checkpoint of which that cannot be told, all stay.
func (s *Store) sweep() error {
	names, err := s.fs.Names()
	if err != nil {
		return connectors.Reason(err)
	}
	idle, used := map[string]bool{}, []string{}
	for _, name := range names {
		if _, ok := chunkFile(name); ok {
			idle[name] = true
		} else if _, ok := numberOf(name); ok {
			used = append(used, name)
		}
	}
	if len(idle) == 0 {
		return nil
	}
	for _, name := range used {
		files, err := s.chunksOf(name)
		if err != nil {
			return nil // who loads it says what is wrong
		}
		for _, n := range files {
			delete(idle, chunkName(n))
		}
	}
	if len(idle) == 0 {
		return nil
	}
	// A crash must not bring back a checkpoint whose chunks are gone.
	if err := s.fs.SyncDir(); err != nil {
		return connectors.Reason(err)
	}
	for name := range idle {
		if err := s.fs.Remove(name); err != nil {
			return fmt.Errorf("the old chunks %s cannot be removed: %w", name, connectors.Reason(err))
		}
	}
	return nil
}

// chunksOf returns the numbers of the files that a checkpoint has chunks in.
func (s *Store) chunksOf(name string) ([]int64, error) {
	f, err := s.fs.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	h, err := readHead(bufio.NewReader(f))
	if err != nil {
		return nil, err
	}
	return h.files, nil
}

// Tidy removes what a crash has left: files that were not finished, chunks that no
// checkpoint has, and logs of epochs that nobody needs.
func (s *Store) Tidy(needed map[string]bool) error {
	names, err := s.fs.Names()
	if err != nil {
		return connectors.Reason(err)
	}
	for _, name := range names {
		if left(name) || strings.HasPrefix(name, logPrefix) && !needed[name] {
			if err := s.fs.Remove(name); err != nil {
				return connectors.Reason(err)
			}
		}
	}
	return s.sweep()
}
