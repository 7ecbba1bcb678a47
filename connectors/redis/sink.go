package redis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// sink writes the rows of a keyed table as hashes. They are gathered, and folded by
// key, before they are sent: for a job all those of a checkpoint.
type sink struct {
	set    *settings
	client *redis.Client
	schema data.Schema
	key    []int
	rows   *connectors.Pending
	job    *connectors.Job // nil without one
	last   connectors.Mark // what the server is believed to have
	retry  connectors.Retry

	buf    []byte
	owners []int32 // the row of each command that was queued
}

// NewSink returns a sink of hashes in Redis, for a relation with a key.
func NewSink(cfg connectors.SinkConfig) (connectors.Sink, error) {
	set, err := newSettings(&cfg)
	if err != nil {
		return nil, err
	}
	redis.SetLogger(quiet{})
	s := &sink{set: set, client: redis.NewClient(&set.options), schema: cfg.Schema, key: cfg.Key, rows: connectors.NewPending(cfg.Schema, cfg.Key), job: cfg.Job}
	s.retry.Delay, s.retry.Times, s.retry.Limit = 100*time.Millisecond, -1, set.retry
	if set.retry == 0 {
		s.retry.Times = 0
	}
	if err := s.client.Ping(context.Background()).Err(); err != nil {
		s.client.Close()
		return nil, set.explain(err)
	}
	return s, nil
}

// Write implements connectors.Sink.
func (s *sink) Write(ctx context.Context, b *data.Batch) error {
	for k, n := 0, b.Rows(); k < n; k++ {
		if err := s.rows.Add(b, b.Row(k)); err != nil {
			s.rows.Clear()
			return err
		}
		if s.job == nil && int64(s.rows.Len()) >= s.set.commitRows {
			if err := s.Flush(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// Commit implements connectors.Committer.
func (s *sink) Commit(ctx context.Context) error { return s.Flush(ctx) }

// Flush implements connectors.Sink: it sends what is gathered, and again while the
// server is not available, as to set the same fields twice is to set them once.
func (s *sink) Flush(ctx context.Context) error {
	if s.rows.Len() == 0 {
		return nil
	}
	err := s.retry.Do(ctx, func() error {
		pipe := s.client.Pipeline()
		s.queue(ctx, pipe)
		commands, err := pipe.Exec(ctx)
		return s.failed(commands, err)
	})
	s.rows.Clear()
	return err
}

// Trouble implements connectors.Troubled.
func (s *sink) Trouble() (since int64, err error) { return s.retry.Trouble() }

// queue adds the commands of all rows to a pipeline.
func (s *sink) queue(ctx context.Context, pipe redis.Pipeliner) {
	s.owners = s.owners[:0]
	for _, row := range s.rows.Live() {
		key := s.keyOf(int(row))
		if s.rows.Deletes[row] {
			pipe.Del(ctx, key)
			s.own(row, 1)
			continue
		}
		var fields []any
		var nulls []string
		for c, v := range s.rows.Rows {
			if v.IsNull(int(row)) {
				nulls = append(nulls, s.schema[c].Name)
				continue
			}
			fields = append(fields, s.schema[c].Name, appendValue(nil, v, int(row)))
		}
		pipe.HSet(ctx, key, fields...)
		s.own(row, 1)
		if len(nulls) > 0 {
			pipe.HDel(ctx, key, nulls...)
			s.own(row, 1)
		}
		if s.set.ttl > 0 {
			pipe.PExpire(ctx, key, s.set.ttl)
			s.own(row, 1)
		}
	}
}

// own notes that the next n commands are of a row.
func (s *sink) own(row int32, n int) {
	for range n {
		s.owners = append(s.owners, row)
	}
}

// keyOf returns the key of a row's hash.
func (s *sink) keyOf(row int) string {
	out := append(s.buf[:0], s.set.prefix...)
	for k, c := range s.key {
		if k > 0 {
			out = append(out, s.set.separator)
		}
		from := len(out)
		out = appendValue(out, s.rows.Rows[c], row)
		if len(s.key) > 1 {
			out = escape(out, from, s.set.separator)
		}
	}
	s.buf = out
	return string(out)
}

// escape puts a backslash before each separator and each backslash of out[from:].
func escape(out []byte, from int, separator byte) []byte {
	for i := from; i < len(out); i++ {
		if out[i] == separator || out[i] == '\\' {
			out = slices.Insert(out, i, '\\')
			i++
		}
	}
	return out
}

// appendValue appends the text of a value, which is not NULL; bytes as they are.
func appendValue(dst []byte, v *data.Vector, i int) []byte {
	if v.Type.Kind == data.Bytes {
		return append(dst, v.Text(i)...)
	}
	return data.AppendText(dst, v, i)
}

// failed returns the error of a pipeline: of the row at fault when it is one's.
func (s *sink) failed(commands []redis.Cmder, err error) error {
	var answer redis.Error
	if err == nil || !errors.As(err, &answer) {
		return s.set.explain(err)
	}
	for i, c := range commands {
		if e := c.Err(); e != nil && i < len(s.owners) && redis.HasErrorPrefix(e, "WRONGTYPE") {
			row := s.owners[i]
			return &wrongType{fmt.Errorf("%s: the row with %s cannot be stored: key '%s' is there, and is no hash; choose another prefix, or delete the key", s.set.where(), s.rows.Describe(row), s.keyOf(int(row)))}
		}
	}
	return s.set.explain(err)
}

// wrongType is the error of a row whose key is taken by something else. Redis carries
// out the other commands of its transaction.
type wrongType struct{ error }

// markKey is the key of the job's mark, a hash.
func (s *sink) markKey() string { return "tidemark:" + s.job.ID + ":" + s.job.Sink }

// readMark returns the job's mark.
func (s *sink) readMark(ctx context.Context, from redis.HashCmdable) (m connectors.Mark, err error) {
	values, err := from.HMGet(ctx, s.markKey(), "checkpoint", "rows").Result()
	if err != nil {
		return m, s.set.explain(err)
	}
	for i, to := range []*int64{&m.Checkpoint, &m.Rows} {
		text, ok := values[i].(string)
		if !ok {
			continue
		}
		if *to, err = strconv.ParseInt(text, 10, 64); err != nil {
			return m, fmt.Errorf("%s: the key '%s' is no mark of a job", s.set.where(), s.markKey())
		}
	}
	return m, nil
}

// Marked implements connectors.Transactional.
func (s *sink) Marked(ctx context.Context) (connectors.Mark, error) {
	if s.job == nil {
		return connectors.Mark{}, fmt.Errorf("%s: marks are kept for jobs only", s.set.where())
	}
	s.rows.Clear()
	m, err := s.readMark(ctx, s.client)
	if err == nil {
		s.last = m
	}
	return m, err
}

// CommitMarked implements connectors.Transactional.
func (s *sink) CommitMarked(ctx context.Context, m connectors.Mark) error {
	defer s.rows.Clear()
	err := s.client.Watch(ctx, func(tx *redis.Tx) error {
		found, err := s.readMark(ctx, tx)
		if err != nil {
			return err
		}
		if err := connectors.CheckMark(s.set.where(), found, s.last); err != nil {
			return err
		}
		return s.exec(ctx, tx, m)
	}, s.markKey())
	if errors.Is(err, redis.TxFailedErr) {
		return connectors.CheckMark(s.set.where(), m, s.last)
	}
	if err = s.set.explain(err); err == nil {
		s.last = m
	}
	return err
}

// exec writes the rows and the mark at once. Where a row's key is taken by something
// else, Redis has written the others: the mark is put back, so that they are all
// written again, and the error stays.
func (s *sink) exec(ctx context.Context, tx *redis.Tx, m connectors.Mark) error {
	pipe := tx.TxPipeline()
	s.queue(ctx, pipe)
	pipe.HSet(ctx, s.markKey(), "checkpoint", m.Checkpoint, "rows", m.Rows)
	commands, err := pipe.Exec(ctx)
	if errors.Is(err, redis.TxFailedErr) {
		return err
	}
	err = s.failed(commands, err)
	var taken *wrongType
	if errors.As(err, &taken) {
		if undo := tx.HSet(ctx, s.markKey(), "checkpoint", s.last.Checkpoint, "rows", s.last.Rows).Err(); undo != nil {
			return errors.Join(err, s.set.explain(undo))
		}
	}
	return err
}

// Close implements connectors.Sink.
func (s *sink) Close() error {
	s.rows.Clear()
	return s.set.explain(s.client.Close())
}
