package format

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	parquet "github.com/parquet-go/parquet-go"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// Parquet reads files that are stored by columns. A chunk is some rows of a row
// group: decoders read them from the file themselves, side by side.
type Parquet struct {
	set  *settings
	rows int64 // of a chunk, at most
}

// chunkRows is how many rows a chunk of a parquet file has, about.
const chunkRows = 32768

// NewParquet returns the reading of a parquet source.
func NewParquet(cfg connectors.SourceConfig) (*Parquet, error) {
	set, err := newSettings(&cfg)
	if err != nil {
		return nil, err
	}
	if _, err := NewFilter(set.columns, set.filter); err != nil {
		return nil, err
	}
	return &Parquet{set: set, rows: chunkRows}, nil
}

// InferParquet returns the columns of a file, which it closes.
func InferParquet(file *os.File, name string) (data.Schema, error) {
	defer file.Close()
	f, err := openParquet(file, name)
	if err != nil {
		return nil, err
	}
	return f.schema()
}

// ParquetRows hands out the rows of one file in order.
type ParquetRows struct {
	parquet *Parquet
	file    *parquetFile
	done    *atomic.Int64 // bytes of all files
	before  int64         // of them, before this file
	groups  []parquet.RowGroup
	group   *parquetGroup
	first   int64 // the row of the file that comes next
	left    int64 // rows of the group not yet handed out
	handed  bool
}

// parquetGroup is a row group of a file.
type parquetGroup struct {
	file  *parquetFile
	group parquet.RowGroup
	index int   // among those of the file
	first int64 // the row of the file that it begins with
	// empty says that none of its rows passes the filter.
	empty bool
}

// Open begins to read a file, which belongs to the ParquetRows then, or is closed
// on an error. done counts the bytes that were read.
func (p *Parquet) Open(file *os.File, name string, done *atomic.Int64) (*ParquetRows, error) {
	f, err := openParquet(file, name)
	if err != nil {
		file.Close()
		return nil, err
	}
	if _, err := newParquetColumns(f.fields, p.set); err != nil {
		f.release()
		return nil, wrapName(name, err)
	}
	return &ParquetRows{parquet: p, file: f, done: done, before: done.Load(), groups: f.meta.RowGroups()}, nil
}

// Next makes c the next rows, or returns io.EOF.
func (r *ParquetRows) Next(ctx context.Context, c *connectors.Chunk) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for r.left == 0 {
		if !r.nextGroup() {
			r.done.Store(r.before + r.file.size)
			return io.EOF
		}
	}
	c.Reset()
	c.Name, c.Unit = r.file.name, "row "
	c.First, c.Count, c.Offset = r.first, min(r.left, r.parquet.rows), r.first
	c.NewFile = !r.handed
	c.Store = r.group
	r.file.users.Add(1)
	r.handed = true
	r.first += c.Count
	r.left -= c.Count
	if all := r.file.meta.NumRows(); all > 0 {
		r.done.Store(r.before + int64(float64(r.file.size)*min(1, float64(r.first)/float64(all))))
	}
	return nil
}

// Skip leaves out the rows before row, which those that are handed out next begin with.
func (r *ParquetRows) Skip(row int64) error {
	for r.first < row {
		if r.left == 0 && !r.nextGroup() {
			return changedError(r.file.name, fmt.Sprintf("it has %d rows, and %d had been read", r.first, row))
		}
		n := min(r.left, row-r.first)
		r.first += n
		r.left -= n
	}
	r.handed = true
	return nil
}

// nextGroup goes on to the next row group; false when there is none.
func (r *ParquetRows) nextGroup() bool {
	if len(r.groups) == 0 {
		return false
	}
	g := r.groups[0]
	r.groups, r.left = r.groups[1:], g.NumRows()
	index := len(r.file.meta.RowGroups()) - len(r.groups) - 1
	r.group = &parquetGroup{file: r.file, group: g, index: index, first: r.first}
	r.group.empty = r.parquet.rulesOut(r.group)
	return true
}

// Close gives up the file. Decoders may still read what was handed out.
func (r *ParquetRows) Close() error { return r.file.release() }
