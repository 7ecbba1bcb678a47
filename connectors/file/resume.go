package file

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"tidemark/connectors"
	"tidemark/connectors/format"
	"tidemark/operators/data"
)

// CanResume reports whether the files can be read again: pipes cannot.
func (s *source) CanResume() bool { return s.Repeatable() }

// OpenAt implements connectors.Resumable. Files that come behind the one that was being
// read may be new.
func (s *source) OpenAt(ctx context.Context, at []connectors.Position) (connectors.Reader, error) {
	names, err := find(s.path)
	if err != nil {
		return nil, err
	}
	r := &reader{source: s, names: names}
	r.measure()
	for _, p := range at {
		if err := r.goTo(ctx, p.At); err != nil {
			r.Close()
			return nil, err
		}
	}
	return r, nil
}

// relative returns a file's name from the folder on that the pattern begins with: the
// job may be run from another folder, and its own be moved.
func (s *source) relative(name string) string {
	fixed := s.path
	if i := strings.IndexAny(fixed, "*?["); i >= 0 {
		fixed = fixed[:i]
	}
	return strings.TrimPrefix(name, fixed[:strings.LastIndexByte(fixed, filepath.Separator)+1])
}

// place returns where the reading goes on behind a chunk: the number of its file and
// its name, and the place in it.
func (r *reader) place(c *connectors.Chunk) []byte {
	e := data.NewEncoder(c.After[:0])
	e.Uvarint(uint64(r.current - 1))
	e.Text([]byte(r.source.relative(r.name)))
	if r.rows != nil {
		e.Varint(c.First + c.Count)
		return e.Bytes()
	}
	if r.frames != nil {
		e.Varint(r.frames.Records())
		return e.Bytes()
	}
	last := r.records.Last()
	return last.Encode(e.Bytes())
}

// goTo opens the file in which a place is and goes there.
func (r *reader) goTo(ctx context.Context, at []byte) error {
	d := data.NewDecoder(at)
	number, name := int(d.Uvarint()), string(d.Text())
	found := slices.IndexFunc(r.names, func(n string) bool { return r.source.relative(n) == name })
	if found != number {
		return filesChanged(r.source.path, name, found, number)
	}
	r.current = number
	for _, before := range r.names[:number] {
		r.skipSize(before)
	}
	if err := r.next(ctx); err != nil {
		return err
	}
	if r.rows != nil {
		row := d.Varint()
		if d.Damaged() {
			return damaged(name)
		}
		return r.rows.Skip(row)
	}
	if r.frames != nil {
		records := d.Varint()
		if d.Damaged() {
			return damaged(name)
		}
		return r.readError(r.frames.Skip(ctx, records))
	}
	place := format.DecodePlace(d)
	if d.Damaged() {
		return damaged(name)
	}
	err := r.records.StartAt(ctx, place)
	if err == io.EOF {
		return nil
	}
	return r.readError(err)
}

func damaged(name string) error { return fmt.Errorf("%s: the saved position is damaged", name) }

// filesChanged says that the files before the one that was being read are not those that
// were there.
func filesChanged(path, name string, found, number int) error {
	how := fmt.Sprintf("'%s', which was being read, is not there any more", name)
	if found >= 0 {
		how = fmt.Sprintf("there were %d before '%s', which was being read, and now there are %d", number, name, found)
	}
	return &connectors.OptionError{Option: "path", Message: fmt.Sprintf("the files of '%s' have changed since the checkpoint was made: %s", path, how),
		Hint: "new files must come behind the others in the order of names; put the files back, or begin anew with another --checkpoint-dir"}
}
