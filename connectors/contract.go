// Package connectors is the contract between Tidemark and the outside world:
// sources that hand out chunks of raw records, decoders that turn chunks into
// columns, sinks that take changelog batches, and the registry that knows them
// by name. The connectors themselves live in the packages below it.
package connectors

import (
	"context"

	"tidemark/operators/data"
)

// Padding is the number of readable bytes a chunk has after its data, so that
// decoders may load words that reach over the end.
const Padding = 64

// BlockSize is how many bytes of records a chunk of a byte source has, about.
const BlockSize = 512 << 10

// Chunk is a run of whole records of one partition as read, before decoding.
// A worker owns it, has a Reader fill it, decodes it, and uses it again; its
// memory is reused each time.
type Chunk struct {
	// Data are whole records. The last one may lack its line end. The capacity
	// behind the length has at least Padding bytes, which decoders may overwrite.
	Data []byte
	// Name is the name of the input for messages: a file name, or "<stdin>".
	Name string
	// Offset is the place of Data[0] in the (decompressed) input, in bytes.
	Offset int64
	// Header is the header record of a csv file without its line end, nil where
	// there is none. All chunks of a file share the slice.
	Header []byte
	// NewFile marks the first chunk of a file: its line numbers start again,
	// after HeaderLines lines that the reader has consumed.
	NewFile     bool
	HeaderLines int64
	// TooLong is not zero for a record above max_record_bytes that the reader has
	// skipped: Data is its beginning, and TooLong the number of lines it covers.
	TooLong int64
	// First and Count are the rows of a chunk that has no Data: of a generator, or
	// of a file that is stored by columns. Rows of such a chunk count as lines.
	First, Count int64
	// Unit is what messages put before a line's number where it is none of a
	// line: "row ". Empty for lines.
	Unit string
	// Store is what the decoder gets the rows First and the Count-1 after it from, or,
	// where there is no Count, what it makes Data and Messages from; nil in chunks that
	// have Data. Reader and decoder of a source know its type.
	Store any
	// Partition is the number of the partition that the records are of, for a reader of
	// several.
	Partition int
	// Line and Time are the number of lines of the input before the chunk, and
	// when the chunk was read, in microseconds since 1970. They are set only for
	// sources some of whose metadata is asked for.
	Line, Time int64
	// Context ends when the chunk is not wanted any more, for a decoder that has to ask
	// another program and wait for it; nil in chunks of readers whose decoders do not.
	Context context.Context
	// Messages tells of the records when they are messages of a log; nil for lines.
	Messages *Messages
	// After is where the reading of the chunk's partition goes on behind it, for a
	// Position; set by the readers of a Resumable.
	After []byte

	// Lines is the number of lines decoded so far; set by Decode.
	Lines int64
	// Records is the number of records seen so far, good and bad; blank lines are
	// not records. Set by Decode.
	Records int64
	// Unknown is the number of fields that records had and no column is declared for, as
	// far as the format can tell without looking for them. Set by Decode.
	Unknown int64
	// Skipped is the number of messages that are no records, as they have no value. Set
	// by Decode.
	Skipped int64
	// Bad lists the bad records met so far, in order; appended to by Decode.
	Bad []BadRecord
	// Fatal, set by Decode, says why the rest of the chunk cannot be had, nor
	// anything after it: the input is damaged. Nil for bad records.
	Fatal error
	// Pos is where Decode goes on, and Row the number of rows it has made so far.
	// Both belong to the decoder.
	Pos, Row int
}

// Reset makes c an empty chunk that keeps its memory. Readers call it first.
func (c *Chunk) Reset() {
	*c = Chunk{Data: c.Data[:0], Bad: c.Bad[:0], Messages: c.Messages, After: c.After[:0]}
}

// BadRecord is a record that could not be decoded.
type BadRecord struct {
	// Row is the number of rows that were decoded in this chunk before it.
	Row int
	// Line is the line it starts on, counted from 0 within the chunk.
	Line int64
	// Column is the column at fault; empty when the record as a whole is.
	Column string
	// Reason says what is wrong, as part of a sentence: "column amount: 'abc' is
	// not a valid DECIMAL(12,2)".
	Reason string
	// Record is a copy of the record, cut at MaxBadRecord bytes.
	Record []byte
}

// MaxBadRecord is how many bytes of a bad record are kept.
const MaxBadRecord = 1 << 10

// AddBad appends a bad record to c, reusing the memory of earlier ones. The
// record is copied.
func (c *Chunk) AddBad(line int64, column, reason string, record []byte) {
	n := len(c.Bad)
	if n < cap(c.Bad) {
		c.Bad = c.Bad[:n+1]
	} else {
		c.Bad = append(c.Bad, BadRecord{})
	}
	if len(record) > MaxBadRecord {
		record = record[:MaxBadRecord]
	}
	b := &c.Bad[n]
	b.Row, b.Line, b.Column, b.Reason = c.Row, line, column, reason
	b.Record = append(b.Record[:0], record...)
}

// Reader reads one partition in order.
//
// Calls of Next and Close must not overlap; Progress may be called at any time.
type Reader interface {
	// Next fills c with the next chunk. It may block; the end of ctx ends the
	// wait with ctx's error. At the end of the input it returns io.EOF. After any
	// error the reader is only good for Close.
	Next(ctx context.Context, c *Chunk) error
	// Progress returns how much of the raw (compressed) input was read and how
	// much there is, in bytes, or in rows for a generator; total is -1 when it is
	// not known.
	Progress() (read, total int64)
	// Close gives up the input.
	Close() error
}

// Partitioned is a Reader of several partitions. A chunk has the records of one of them,
// in order; the chunks of different ones come as they come when the input has no end.
type Partitioned interface {
	Reader
	// Partitions returns the names of the partitions that there are so far. Ones that
	// are found later come behind. It is not called while Next is.
	Partitions() []string
	// AtEnd reports since when, in microseconds since 1970 by SourceConfig.Now, the
	// reader has handed out all that there is of a partition; ok is false while there
	// is more. It may be called at any time.
	AtEnd(partition int) (since int64, ok bool)
}

// Decoder turns chunks into columns. A worker has its own; it may switch
// between chunks only when Decode was done with the last one.
type Decoder interface {
	// Decode appends rows of c to b until b has max rows or c is used up, which
	// it reports as done. When it is not done the caller calls again with a fresh
	// batch. b must be empty and have the needed columns; Decode sets b.N, the
	// columns and, where there are predicates that some row failed, b.Sel.
	//
	// Under on_error = 'fail' decoding is done at the first bad record, which is
	// then the last of c.Bad.
	Decode(c *Chunk, b *data.Batch, place *Place, max int) (done bool)
}

// Place says where the rows of a batch are in their chunk.
type Place struct {
	// FirstLine is the line of row 0, counted from 0 within the chunk.
	FirstLine int64
	// Lines has the distance of each row's line from FirstLine; nil when row i is
	// on line FirstLine+i. Reused by the next Decode into the same Place.
	Lines []uint32

	buf []uint32
}

// Line returns the line of row i within the chunk.
func (p *Place) Line(i int) int64 {
	if p.Lines == nil {
		return p.FirstLine + int64(i)
	}
	return p.FirstLine + int64(p.Lines[i])
}

// LineBuf returns a slice of length n for Lines, owned by the place and reused
// with it.
func (p *Place) LineBuf(n int) []uint32 {
	if cap(p.buf) < n {
		p.buf = make([]uint32, n)
	}
	return p.buf[:n]
}

// Source is a configured input. Its methods may be called many times.
type Source interface {
	// Open starts reading from the beginning.
	Open(ctx context.Context) (Reader, error)
	// NewDecoder returns a decoder for one worker.
	NewDecoder() (Decoder, error)
	// Bounded reports whether the input has an end.
	Bounded() bool
}

// Split is a Source whose input may be in several partitions that can be read apart.
type Split interface {
	Source
	// Split returns the partitions, in the order of their names. The sources have the
	// decoders of the whole.
	Split(ctx context.Context) ([]Part, error)
}

// Apart is a Split that says by itself whether its partitions are to be read apart; of
// others the option partitioned says so.
type Apart interface {
	// Apart reports whether they are.
	Apart() bool
}

// ReadApart reports whether s says that its partitions are to be read apart.
func ReadApart(s Source) bool {
	a, ok := s.(Apart)
	return ok && a.Apart()
}

// Part is a partition of an input.
type Part struct {
	Name   string
	Source Source
}

// Parts returns the partitions of an input: one without a name where it has no others.
func Parts(ctx context.Context, s Source) ([]Part, error) {
	if split, ok := s.(Split); ok {
		return split.Split(ctx)
	}
	return []Part{{Source: s}}, nil
}

// Repeatable is a Source that may hand out the same chunks each time it is opened.
type Repeatable interface {
	// Repeatable reports whether it does: a file does, a pipe does not.
	Repeatable() bool
}

// Repeats reports whether s hands out the same chunks each time it is opened.
func Repeats(s Source) bool {
	r, ok := s.(Repeatable)
	return ok && r.Repeatable()
}

// Sink takes the rows of a query. Calls do not overlap.
type Sink interface {
	// Write takes the selected rows of b, which stays the caller's.
	Write(ctx context.Context, b *data.Batch) error
	// Flush makes what was written visible: commits, publishes, prints.
	Flush(ctx context.Context) error
	// Close ends the sink. What was written after the last Flush is abandoned.
	Close() error
}

// Committer is a Sink whose Flush may come before the end, and again: for live
// inputs it is committed whenever nothing more is waiting.
type Committer interface {
	// Commit makes what was written so far visible; writing goes on.
	Commit(ctx context.Context) error
}
