package file

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"tidemark/connectors"
	"tidemark/connectors/format"
	"tidemark/operators/data"
)

// flushSize is how much text is gathered before it is written.
const flushSize = 256 << 10

// sink writes a file under another name and renames it when it is flushed, so
// that nobody ever sees a part of it.
type sink struct {
	path string
	temp string
	enc  *format.Encoder
	fold *connectors.Fold // of a keyed table that is to show its content
	buf  []byte

	written   int64 // bytes, before they are compressed
	file      *os.File
	zip       *gzip.Writer
	published bool // an earlier Flush has made the file
}

// NewSink returns a sink that writes a file, replacing one that is there, or the parts of
// a folder.
func NewSink(cfg connectors.SinkConfig) (connectors.Sink, error) {
	path, ok := cfg.Options.Get("path")
	if !ok || path == "" {
		return nil, &connectors.OptionError{Option: "path", Message: "connector 'file' needs the option path", Hint: "write for example path = 'result.csv'"}
	}
	path = connectors.Resolve(cfg.BaseDir, path)
	if isFolder(path) {
		return newParts(cfg, path)
	}
	return newFile(cfg, path)
}

// newFile returns a sink that writes one file.
func newFile(cfg connectors.SinkConfig, path string) (connectors.Sink, error) {
	enc, err := format.NewFileEncoder(cfg)
	if err != nil {
		return nil, err
	}
	s := &sink{path: path, enc: enc}
	s.temp = temporary(s.path, cfg.Job, os.Getpid())
	if cfg.Key != nil && !connectors.Changelog(cfg.Options) {
		s.fold = connectors.NewFold(cfg.Schema, cfg.Key)
	}
	return s, s.check()
}

// check finds out early what would keep the file from being written.
func (s *sink) check() error {
	dir := filepath.Dir(s.path)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return &connectors.OptionError{Option: "path", Message: fmt.Sprintf("there is no folder '%s' to write '%s' in", dir, filepath.Base(s.path)), Hint: "create it first"}
	}
	return nil
}

// Write implements connectors.Sink.
func (s *sink) Write(_ context.Context, b *data.Batch) error {
	if s.fold != nil {
		return s.fold.Apply(b)
	}
	if err := s.open(); err != nil {
		return err
	}
	return s.append(b)
}

// append appends rows to the file.
func (s *sink) append(b *data.Batch) error {
	s.buf = s.enc.AppendBatch(s.buf, b)
	if err := s.enc.Err(); err != nil {
		return fmt.Errorf("'%s': %w", s.path, err)
	}
	if len(s.buf) >= flushSize {
		return s.spill()
	}
	return nil
}

// open makes the temporary file, with what was published before.
func (s *sink) open() error {
	if s.file != nil {
		return nil
	}
	if s.published && s.fold == nil && s.enc.Ends() {
		return fmt.Errorf("'%s' has been written, and more rows have come: nothing can be added to a parquet file: write to a folder, path = '%s/', where more files can come", s.path, strings.TrimSuffix(s.path, filepath.Ext(s.path)))
	}
	f, err := os.OpenFile(s.temp, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o666)
	if err != nil {
		return s.writeError(err)
	}
	s.file = f
	if s.published && s.fold == nil {
		old, err := os.Open(s.path)
		if err != nil {
			return s.writeError(err)
		}
		defer old.Close()
		if _, err := io.Copy(f, old); err != nil {
			return s.writeError(err)
		}
	} else {
		s.buf = s.enc.AppendHeader(s.buf[:0])
	}
	if strings.HasSuffix(strings.ToLower(s.path), ".gz") {
		s.zip = gzip.NewWriter(f) // after the old content, a member of its own
	}
	return nil
}

// Size implements sized.
func (s *sink) Size() int64 { return s.written + int64(len(s.buf)) }

// spill writes the gathered text.
func (s *sink) spill() error {
	var err error
	if s.zip != nil {
		_, err = s.zip.Write(s.buf)
	} else {
		_, err = s.file.Write(s.buf)
	}
	s.written += int64(len(s.buf))
	s.buf = s.buf[:0]
	return s.writeError(err)
}

// Flush implements connectors.Sink: it publishes the file.
func (s *sink) Flush(context.Context) error {
	if s.file == nil && s.published && s.fold == nil {
		return nil // nothing new
	}
	if err := s.open(); err != nil {
		return err
	}
	if s.fold != nil {
		b := s.fold.Sorted()
		const some = 1024 // rows at a time
		for rest := b.Sel; len(rest) > 0; {
			n := min(some, len(rest))
			b.Sel, rest = rest[:n], rest[n:]
			if err := s.append(b); err != nil {
				return err
			}
		}
	}
	var err error
	if s.buf, err = s.enc.AppendFooter(s.buf); err != nil {
		return s.writeError(err)
	}
	if err := s.spill(); err != nil {
		return err
	}
	if s.zip != nil {
		if err := s.zip.Close(); err != nil {
			return s.writeError(err)
		}
		s.zip = nil
	}
	err = s.file.Sync()
	if closeErr := s.file.Close(); err == nil {
		err = closeErr
	}
	s.file = nil
	if err == nil {
		err = os.Rename(s.temp, s.path)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(s.path))
	}
	s.published = s.published || err == nil
	return s.writeError(err)
}

// writeError says that the file cannot be written, by its own name.
func (s *sink) writeError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("'%s' cannot be written: %w", s.path, connectors.Reason(err))
}

// Close implements connectors.Sink. A file that was not flushed is removed.
func (s *sink) Close() error {
	if s.file == nil {
		return nil
	}
	s.file.Close()
	s.file = nil
	return s.writeError(os.Remove(s.temp))
}
