// Package checkpoint keeps what a job remembers where a crash cannot reach it: numbered
// checkpoints in a folder, and logs of the rows that its sinks have been given and not
// yet shown to anybody.
//
// A checkpoint is written to a file of another name, made safe, and renamed. It is never
// changed. A large state is cut into chunks, of which those that the checkpoint before has
// are not written again: they lie in files beside the checkpoints, as immutable, which stay
// as long as a checkpoint has chunks there.
//
// Rows for a sink are first written to the log of their epoch, which is the time between two
// checkpoints. When the checkpoint that ends an epoch is safe, the rows are taken from the
// log to the sink, which makes them visible together with the checkpoint's number in one
// transaction. So at any instant a restart knows exactly which rows a sink has: those up to
// its mark; it gets the others from the logs.
package checkpoint

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"tidemark/connectors"
)

// Store is the folder of one job.
type Store struct {
	fs     FS
	retain int
	layout layout
	known  shelf // of the last checkpoint
}

// Retained is how many checkpoints a store keeps unless it is told otherwise.
const Retained = 3

// NewStore returns the store in fs, which keeps the last retain checkpoints.
func NewStore(fs FS, retain int) *Store {
	return &Store{fs: fs, retain: max(1, retain), layout: usual()}
}

// Checkpoint is what a job remembers at one place of its streams.
type Checkpoint struct {
	// Number is its place among those of the job, from 1.
	Number int64
	// Job is the job's ID, of random letters.
	Job string
	// Finished says that all inputs have come to their ends; Open that the job can go on
	// all the same, when they have become longer.
	Finished, Open bool
	// Parts are what is remembered, by the name of who does.
	Parts map[string][]byte
}

const (
	filePrefix = "checkpoint-"
	partial    = ".partial"
)

// fileName returns the name of a checkpoint's file: they are in order of their numbers.
func fileName(number int64) string { return fmt.Sprintf("%s%012d", filePrefix, number) }

// numberOf returns the number of the checkpoint that a file has; false when it has none.
func numberOf(name string) (int64, bool) { return numberIn(name, filePrefix) }

// numberIn returns the number that stands behind the prefix of a file's name.
func numberIn(name, prefix string) (int64, bool) {
	digits, ok := strings.CutPrefix(name, prefix)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil && n > 0 && name == fmt.Sprintf("%s%012d", prefix, n)
}

// Save makes a checkpoint safe, and removes the oldest. It returns how many bytes were
// written for it.
func (s *Store) Save(c *Checkpoint) (written int64, err error) {
	d := s.draft(c)
	if written, err = s.write(d); err == nil {
		err = s.fs.SyncDir()
	}
	if err != nil {
		return 0, fmt.Errorf("checkpoint %d cannot be written: %w", c.Number, connectors.Reason(err))
	}
	s.known = d.shelf
	return written, s.prune()
}

func (s *Store) write(d *draft) (written int64, err error) {
	defer func() {
		if err != nil {
			for _, file := range d.files {
				s.fs.Remove(chunkName(file)) // of no use, and it needs room
			}
		}
	}()
	for _, file := range d.files {
		n, err := s.writeFile(chunkName(file), func(w *bufio.Writer) error { return d.fill(w, file) })
		if err != nil {
			return 0, err
		}
		written += n
	}
	if len(d.files) > 0 { // a checkpoint must not be there before its chunks are
		if err := s.fs.SyncDir(); err != nil {
			return 0, err
		}
	}
	n, err := s.writeFile(fileName(d.Number), d.encode)
	if err != nil {
		return 0, err
	}
	return written + n, nil
}

// writeFile makes a file, and returns its size. Its content is safe before it has its
// name; the name is safe with the next SyncDir.
func (s *Store) writeFile(name string, fill func(*bufio.Writer) error) (int64, error) {
	f, err := s.fs.Create(name + partial)
	if err != nil {
		return 0, err
	}
	n := &counter{w: f}
	w := bufio.NewWriterSize(n, logBuffer)
	err = fill(w)
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = s.fs.Rename(name+partial, name)
	}
	if err != nil {
		s.fs.Remove(name + partial) // what is left is of no use, and needs room
		return 0, err
	}
	return n.bytes, nil
}

// counter counts what is written.
type counter struct {
	w     io.Writer
	bytes int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.bytes += int64(n)
	return n, err
}

// sortedNames returns the keys of a map in order.
func sortedNames[K cmp.Ordered, V any](of map[K]V) []K { return slices.Sorted(maps.Keys(of)) }

// Found is what Load has found.
type Found struct {
	// Checkpoint is the last that is whole; nil when there is none.
	Checkpoint *Checkpoint
	// Last is the greatest number of any, whole or not.
	Last int64
	// Passed lists those after it that are damaged, with what is wrong with each.
	Passed []error
}

// Load returns the last whole checkpoint. That there are only damaged ones is an error:
// to begin anew would do work twice.
func (s *Store) Load() (*Found, error) {
	numbers, err := s.numbers()
	if err != nil {
		return nil, fmt.Errorf("the checkpoints cannot be listed: %w", connectors.Reason(err))
	}
	found := &Found{}
	for _, n := range numbers {
		found.Last = max(found.Last, n)
		c, on, err := s.read(n)
		if err == nil {
			found.Checkpoint, s.known = c, on
			return found, nil
		}
		found.Passed = append(found.Passed, fmt.Errorf("%s: %w", fileName(n), connectors.Reason(err)))
	}
	if len(found.Passed) > 0 {
		return nil, &unreadable{found.Passed}
	}
	return found, nil
}

// unreadable says that there are checkpoints, and what is wrong with each.
type unreadable struct{ why []error }

// Error lists the checkpoints.
func (e *unreadable) Error() string {
	texts := make([]string, len(e.why))
	for i, err := range e.why {
		texts[i] = err.Error()
	}
	return "no checkpoint can be read: " + strings.Join(texts, "; ")
}

// Unwrap returns the reasons.
func (e *unreadable) Unwrap() []error { return e.why }

// Hint says how to go on.
func (e *unreadable) Hint() string {
	return "put the files back from a copy, or begin anew with another --checkpoint-dir and empty sinks"
}

func (s *Store) read(n int64) (*Checkpoint, shelf, error) {
	f, err := s.fs.Open(fileName(n))
	if err != nil {
		return nil, shelf{}, err
	}
	defer f.Close()
	from := &chunkReader{fs: s.fs, files: map[int64]ReadFile{}}
	defer from.close()
	c, on, err := decode(f, from)
	if err == nil && c.Number != n {
		err = fmt.Errorf("it holds checkpoint %d", c.Number)
	}
	return c, on, err
}

// numbers lists the checkpoints that there are, the last first.
func (s *Store) numbers() ([]int64, error) {
	names, err := s.fs.Names()
	if err != nil {
		return nil, err
	}
	var numbers []int64
	for _, name := range names {
		if n, ok := numberOf(name); ok {
			numbers = append(numbers, n)
		}
	}
	slices.SortFunc(numbers, func(a, b int64) int { return cmp.Compare(b, a) })
	return numbers, nil
}
