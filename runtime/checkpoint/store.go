// Package checkpoint keeps what a job remembers where a crash cannot reach it: numbered
// checkpoints in a folder, and logs of the rows that its sinks have been given and not
// yet shown to anybody.
//
// A checkpoint is written to a file of another name, made safe, and renamed. It is never
// changed. Rows for a sink are first written to the log of their epoch, which is the time
// between two checkpoints. When the checkpoint that ends an epoch is safe, the rows are
// taken from the log to the sink, which makes them visible together with the checkpoint's
// number in one transaction. So at any instant a restart knows exactly which rows a sink
// has: those up to its mark; it gets the others from the logs.
package checkpoint

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// Store is the folder of one job.
type Store struct {
	fs     FS
	retain int
}

// Retained is how many checkpoints a store keeps unless it is told otherwise.
const Retained = 3

// NewStore returns the store in fs, which keeps the last retain checkpoints.
func NewStore(fs FS, retain int) *Store { return &Store{fs: fs, retain: max(1, retain)} }

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
	magic      = "tidemark checkpoint 1"
)

// fileName returns the name of a checkpoint's file: they are in order of their numbers.
func fileName(number int64) string { return fmt.Sprintf("%s%012d", filePrefix, number) }

// numberOf returns the number of the checkpoint that a file has; false when it has none.
func numberOf(name string) (int64, bool) {
	digits, ok := strings.CutPrefix(name, filePrefix)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil && n > 0 && name == fileName(n)
}

// Save makes a checkpoint safe. Then it removes the oldest.
func (s *Store) Save(c *Checkpoint) error {
	if err := s.write(c); err != nil {
		return fmt.Errorf("checkpoint %d cannot be written: %w", c.Number, connectors.Reason(err))
	}
	return s.prune()
}

func (s *Store) write(c *Checkpoint) error {
	name := fileName(c.Number)
	f, err := s.fs.Create(name + partial)
	if err != nil {
		return err
	}
	err = encode(f, c)
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
		return err
	}
	return s.fs.SyncDir()
}

// encode writes a checkpoint: a frame that tells of it, then for each part frames of its
// content behind one with its name and size.
func encode(f io.Writer, c *Checkpoint) error {
	w := bufio.NewWriterSize(f, logBuffer)
	e := data.NewEncoder(nil)
	e.Text([]byte(magic))
	e.Varint(c.Number)
	e.Text([]byte(c.Job))
	e.Flag(c.Finished)
	e.Flag(c.Open)
	e.Uvarint(uint64(len(c.Parts)))
	if err := writeFrame(w, e.Bytes()); err != nil {
		return err
	}
	for _, name := range sortedNames(c.Parts) {
		part := c.Parts[name]
		e := data.NewEncoder(nil)
		e.Text([]byte(name))
		e.Uvarint(uint64(len(part)))
		if err := writeFrame(w, e.Bytes()); err != nil {
			return err
		}
		for len(part) > 0 {
			n := min(len(part), maxFrame)
			if err := writeFrame(w, part[:n]); err != nil {
				return err
			}
			part = part[n:]
		}
	}
	return w.Flush()
}

func sortedNames(parts map[string][]byte) []string {
	names := make([]string, 0, len(parts))
	for name := range parts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// decode reads what encode has written.
func decode(f io.Reader) (*Checkpoint, error) {
	r := bufio.NewReaderSize(f, logBuffer)
	head, err := readFrame(r, nil)
	if err != nil {
		return nil, cutOff(err)
	}
	d := data.NewDecoder(head)
	if string(d.Text()) != magic {
		return nil, errors.New("it is no checkpoint of this version of Tidemark")
	}
	c := &Checkpoint{Number: d.Varint(), Job: string(d.Text()), Finished: d.Flag(), Open: d.Flag(), Parts: map[string][]byte{}}
	n := d.Uvarint()
	for ; n > 0 && !d.Damaged(); n-- {
		name, content, err := readPart(r)
		if err != nil {
			return nil, cutOff(err)
		}
		c.Parts[name] = content
	}
	if d.Damaged() {
		return nil, errDamaged
	}
	return c, nil
}

func readPart(r *bufio.Reader) (name string, content []byte, err error) {
	head, err := readFrame(r, nil)
	if err != nil {
		return "", nil, err
	}
	d := data.NewDecoder(head)
	name = string(d.Text())
	size := d.Uvarint()
	if d.Damaged() {
		return "", nil, errDamaged
	}
	for uint64(len(content)) < size {
		more, err := readFrame(r, nil)
		if err != nil {
			return "", nil, err
		}
		if content == nil {
			content = more
		} else {
			content = append(content, more...)
		}
	}
	if uint64(len(content)) != size {
		return "", nil, errDamaged
	}
	return name, content, nil
}

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
		c, err := s.read(n)
		if err == nil {
			found.Checkpoint = c
			return found, nil
		}
		found.Passed = append(found.Passed, fmt.Errorf("%s: %w", fileName(n), connectors.Reason(err)))
	}
	if len(found.Passed) > 0 {
		return nil, fmt.Errorf("no checkpoint can be read: %w", errors.Join(found.Passed...))
	}
	return found, nil
}

func (s *Store) read(n int64) (*Checkpoint, error) {
	f, err := s.fs.Open(fileName(n))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	c, err := decode(f)
	if err == nil && c.Number != n {
		err = fmt.Errorf("it holds checkpoint %d", c.Number)
	}
	return c, err
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

// prune removes all but the last checkpoints.
func (s *Store) prune() error {
	numbers, err := s.numbers()
	if err != nil || len(numbers) <= s.retain {
		return connectors.Reason(err)
	}
	for _, n := range numbers[s.retain:] {
		if err := s.fs.Remove(fileName(n)); err != nil {
			return fmt.Errorf("the old checkpoint %d cannot be removed: %w", n, connectors.Reason(err))
		}
	}
	return nil
}

// Tidy removes what a crash has left: files that were not finished, and logs of epochs
// that nobody needs.
func (s *Store) Tidy(needed map[string]bool) error {
	names, err := s.fs.Names()
	if err != nil {
		return connectors.Reason(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, partial) && strings.HasPrefix(name, filePrefix) || strings.HasPrefix(name, logPrefix) && !needed[name] {
			if err := s.fs.Remove(name); err != nil {
				return connectors.Reason(err)
			}
		}
	}
	return nil
}
