package checkpoint

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// logPrefix begins the names of the logs of sinks.
const logPrefix = "sink-"

// logBuffer is how many bytes are gathered before they are written.
const logBuffer = 64 << 10

// logFile is the log of the rows of one sink and one epoch, while it is written.
type logFile struct {
	name  string
	file  File
	w     *bufio.Writer
	e     *data.Encoder
	rows  int64
	bytes int64
}

func (s *Store) createLog(sink int, epoch int64) (*logFile, error) {
	name := fmt.Sprintf("%s%d-%012d", logPrefix, sink, epoch)
	f, err := s.fs.Create(name)
	if err != nil {
		return nil, fmt.Errorf("a log of rows cannot be written: %w", connectors.Reason(err))
	}
	return &logFile{name: name, file: f, w: bufio.NewWriterSize(f, logBuffer), e: data.NewEncoder(nil)}, nil
}

// add appends the selected rows of a batch.
func (l *logFile) add(b *data.Batch) error {
	l.e.Reset()
	l.e.Batch(b, 0, len(b.Steps))
	if err := writeFrame(l.w, l.e.Bytes()); err != nil {
		return fmt.Errorf("a log of rows cannot be written: %w", connectors.Reason(err))
	}
	l.rows += int64(b.Rows())
	l.bytes += int64(len(l.e.Bytes())) + frameHead
	return nil
}

// sync makes the rows safe, but for the log's name, and closes the log.
func (l *logFile) sync() error {
	err := l.w.Flush()
	if err == nil {
		err = l.file.Sync()
	}
	if cerr := l.file.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("a log of rows cannot be written: %w", connectors.Reason(err))
	}
	return nil
}

// replay gives the rows of a log, of which there are so many, to a function, without the
// first ones.
func (s *Store) replay(ctx context.Context, name string, pool *data.Pool, rows, skip int64, to func(context.Context, *data.Batch) error) error {
	f, err := s.fs.Open(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("the log %s is gone, whose rows an earlier run has written and this sink does not have: put the sink back as it was, or begin anew with another --checkpoint-dir and empty sinks", name)
	case err != nil:
		return fmt.Errorf("the log %s cannot be read: %w", name, connectors.Reason(err))
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, logBuffer)
	var buf []byte
	for {
		buf, err = readFrame(r, buf)
		if err == io.EOF && rows == 0 {
			return nil
		}
		if err == io.EOF {
			err = errDamaged
		}
		if err != nil {
			return fmt.Errorf("the log %s cannot be read: %w", name, connectors.Reason(err))
		}
		b := pool.Get()
		d := data.NewDecoder(buf)
		if d.Batch(b); d.Damaged() {
			b.Release()
			return fmt.Errorf("the log %s cannot be read: %w", name, errDamaged)
		}
		rows -= int64(b.Rows())
		skip = leaveOut(b, skip)
		if b.Rows() > 0 {
			err = to(ctx, b)
		}
		b.Release()
		if err != nil {
			return err
		}
	}
}

// leaveOut takes the first rows out of a batch's selection and returns how many more are
// to be left out.
func leaveOut(b *data.Batch, skip int64) int64 {
	n := int64(b.Rows())
	if skip <= 0 {
		return 0
	}
	if skip >= n {
		b.Sel = b.SelBuf(0)
		return skip - n
	}
	if b.Sel == nil {
		b.Sel = b.SelBuf(b.N)
		for i := range b.N {
			b.Sel = append(b.Sel, int32(i))
		}
	}
	b.Sel = b.Sel[skip:]
	return 0
}
