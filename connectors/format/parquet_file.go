package format

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync/atomic"
	"syscall"

	parquet "github.com/parquet-go/parquet-go"
	pq "github.com/parquet-go/parquet-go/format"

	"tidemark/operators/data"
)

// parquetFile is an open file. It is closed when its reader and all decoders of
// its chunks are done with it.
type parquetFile struct {
	name   string
	file   *os.File
	size   int64
	meta   *parquet.File
	fields []*parquetField
	users  atomic.Int32
}

// openParquet reads what a file says of itself. The file is the caller's until
// there is no error.
func openParquet(file *os.File, name string) (f *parquetFile, err error) {
	defer func() {
		if recover() != nil { // the library trusts what it reads
			f, err = nil, damaged(name, "what it says of its columns")
		}
	}()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be read: %w", name, plainError(err))
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: parquet is read from files only, for its columns are described at the end", name)
	}
	f = &parquetFile{name: name, file: file, size: info.Size()}
	f.users.Store(1)
	if err := f.checkFrame(); err != nil {
		return nil, err
	}
	f.meta, err = parquet.OpenFile(file, f.size, parquet.SkipBloomFilters(true), parquet.ReadBufferSize(32<<10))
	if err != nil {
		return nil, f.explain(err, "what it says of its columns")
	}
	if f.fields, err = parquetFields(f.meta); err != nil {
		return nil, fmt.Errorf("%s: cannot be read: %w", name, err)
	}
	return f, f.checkGroups()
}

// checkFrame tests how the file begins and ends.
func (f *parquetFile) checkFrame() error {
	var begin, end [8]byte
	if f.size < int64(len(begin)+len(end)) {
		return fmt.Errorf("%s: no parquet file: it has only %d bytes", f.name, f.size)
	}
	if _, err := f.file.ReadAt(begin[:4], 0); err != nil {
		return f.explain(err, "its beginning")
	}
	if _, err := f.file.ReadAt(end[:], f.size-8); err != nil {
		return f.explain(err, "its end")
	}
	switch {
	case string(begin[:4]) == "PARE" || string(end[4:]) == "PARE":
		return fmt.Errorf("%s: is encrypted: write it without encryption", f.name)
	case string(begin[:4]) != "PAR1":
		return fmt.Errorf("%s: no parquet file: it does not begin with PAR1", f.name)
	case string(end[4:]) != "PAR1":
		return fmt.Errorf("%s: does not end as a parquet file does: is it cut off, or still being written?", f.name)
	case int64(binary.LittleEndian.Uint32(end[:]))+12 > f.size:
		return damaged(f.name, "the length of its description")
	}
	return nil
}

// checkGroups tests what the row groups say of themselves.
func (f *parquetFile) checkGroups() error {
	for _, g := range f.meta.Metadata().RowGroups {
		if g.NumRows < 0 {
			return damaged(f.name, "the number of its rows")
		}
		for _, c := range g.Columns {
			switch c.MetaData.Codec {
			case pq.Uncompressed, pq.Snappy, pq.Gzip, pq.Brotli, pq.Zstd:
			default: // the library gets some LZ4_RAW pages wrong, and never ends with others
				return fmt.Errorf("%s: is compressed with %s, which cannot be read: write it with zstd, snappy or gzip", f.name, c.MetaData.Codec)
			}
		}
	}
	return nil
}

// schema returns the columns as they are by themselves.
func (f *parquetFile) schema() (data.Schema, error) {
	s, err := parquetSchema(f.fields)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.name, err)
	}
	if len(s) == 0 {
		return nil, undecided(f.name, "it has none", "path", declareThem)
	}
	return s, nil
}

// release ends one use of the file.
func (f *parquetFile) release() error {
	if f.users.Add(-1) == 0 {
		return f.file.Close()
	}
	return nil
}

// explain words an error in reading what.
func (f *parquetFile) explain(err error, what string) error {
	var system syscall.Errno
	if errors.As(err, &system) {
		return fmt.Errorf("%s: cannot be read: %w", f.name, system)
	}
	return damaged(f.name, what)
}

func damaged(name, what string) error {
	return fmt.Errorf("%s: is damaged: %s cannot be read; write the file again", name, what)
}

// plainError is an error about a file without the name of the system call.
func plainError(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
