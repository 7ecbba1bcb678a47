package file

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"tidemark/connectors"
	"tidemark/connectors/format"
	"tidemark/operators/data"
)

// parts is a sink of a folder: it writes one file after the other. A part gets its name,
// which has the numbers of its first and last row, when it is whole; so the names tell
// how many rows there are, whatever has ended the process. They are in order of the rows.
type parts struct {
	cfg      connectors.SinkConfig
	dir      string
	prefix   string // of the parts of the job
	suffix   string
	size     int64         // bytes of a part, about
	interval time.Duration // between parts, where the sink is to decide

	part   connectors.Sink // that is being written; nil when none is
	hidden string          // its name until it is whole
	first  int64           // its first row, counted from 1
	rows   int64           // written in all
	bytes  int64           // of the part, as far as it has been written
	ended  time.Time       // when the last part was whole
}

// sized is a sink that knows how many bytes it has made of its rows.
type sized interface{ Size() int64 }

// isFolder reports whether a path is one of a folder: it ends in a slash, or is there.
func isFolder(path string) bool {
	if strings.HasSuffix(path, "/") || strings.HasSuffix(path, string(filepath.Separator)) {
		return true
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// partSuffixes are the ends of the names of parts, by their formats.
var partSuffixes = map[string]string{"csv": ".csv", "tsv": ".tsv", "json": ".ndjson", "changelog-json": ".ndjson", "debezium-json": ".ndjson", "parquet": ".parquet", "avro": ".avro", "protobuf": ".pb", "raw": ".txt"}

// newParts returns a sink of a folder, which it makes when it is not there.
func newParts(cfg connectors.SinkConfig, dir string) (connectors.Sink, error) {
	name := connectors.InferFormat(cfg.Options)
	suffix := partSuffixes[name]
	if suffix == "" {
		return nil, &connectors.OptionError{Option: "path", Message: fmt.Sprintf("'%s' is a folder, and nothing tells the format of the files in it", dir), Hint: "add format = 'csv' or another, or name a file"}
	}
	if cfg.Key != nil && !connectors.Changelog(cfg.Options) {
		return nil, &connectors.OptionError{Option: "path", Message: fmt.Sprintf("a table with a primary key cannot be written as the parts of '%s': rows that change would be in several", dir),
			Hint: "use format = 'changelog-json' or 'debezium-json', which have all changes; or name one file; or leave the primary key out"}
	}
	if _, err := format.NewFileEncoder(cfg); err != nil {
		return nil, err // now, not with the first row
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, &connectors.OptionError{Option: "path", Message: fmt.Sprintf("the folder '%s' cannot be made: %v", dir, connectors.Reason(err))}
	}
	p := &parts{cfg: cfg, dir: dir, prefix: "part-", suffix: suffix, ended: time.Now()}
	if cfg.Job != nil {
		p.prefix += cfg.Job.ID + "-"
	}
	var err error
	if p.size, err = cfg.Options.Size("part_size", 128<<20, 1, 1<<50); err != nil {
		return nil, err
	}
	if p.interval, err = cfg.Options.Duration("part_interval", 0); err != nil {
		return nil, err
	}
	if cfg.Job == nil {
		p.rows, err = p.found()
	}
	return p, err
}

// found returns the last row that a part has, and removes what an earlier process has
// not finished.
func (p *parts) found() (last int64, err error) {
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		return 0, fmt.Errorf("'%s' cannot be read: %w", p.dir, connectors.Reason(err))
	}
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, "."+p.prefix) && filepath.Join(p.dir, name) != p.markFile() {
			os.Remove(filepath.Join(p.dir, name))
			continue
		}
		numbers, ours := strings.CutPrefix(name, p.prefix)
		numbers, whole := strings.CutSuffix(numbers, p.suffix)
		if !ours || !whole {
			continue
		}
		_, to, _ := strings.Cut(numbers, "-")
		if n, err := strconv.ParseInt(to, 10, 64); err == nil {
			last = max(last, n)
		}
	}
	return last, nil
}

// Write implements connectors.Sink.
func (p *parts) Write(ctx context.Context, b *data.Batch) error {
	if b.Rows() == 0 {
		return nil
	}
	if p.part == nil {
		p.hidden = filepath.Join(p.dir, fmt.Sprintf(".%s%d%s", p.prefix, p.rows+1, p.suffix))
		cfg := p.cfg
		cfg.Options = cfg.Options.With("path", p.hidden)
		part, err := newFile(cfg, p.hidden)
		if err != nil {
			return err
		}
		p.part, p.first, p.bytes = part, p.rows+1, 0
	}
	if err := p.part.Write(ctx, b); err != nil {
		return err
	}
	p.rows += int64(b.Rows())
	if s, ok := p.part.(sized); ok {
		p.bytes = s.Size()
	}
	if p.bytes >= p.size {
		return p.finish(ctx)
	}
	return nil
}

// finish gives the part that is being written its name.
func (p *parts) finish(ctx context.Context) error {
	if p.part == nil {
		return nil
	}
	part := p.part
	p.part = nil
	err := part.Flush(ctx)
	if cerr := part.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	name := filepath.Join(p.dir, fmt.Sprintf("%s%012d-%012d%s", p.prefix, p.first, p.rows, p.suffix))
	if err := os.Rename(p.hidden, name); err != nil {
		return fmt.Errorf("'%s' cannot be written: %w", name, connectors.Reason(err))
	}
	p.ended = time.Now()
	return syncFolder(p.dir)
}

// Flush implements connectors.Sink.
func (p *parts) Flush(ctx context.Context) error { return p.finish(ctx) }

// Commit implements connectors.Committer: the part ends when enough time has passed.
func (p *parts) Commit(ctx context.Context) error {
	if time.Since(p.ended) < p.interval {
		return nil
	}
	return p.finish(ctx)
}

// Marked implements connectors.Transactional: the names of the parts have the mark.
func (p *parts) Marked(context.Context) (connectors.Mark, error) {
	rows, err := p.found()
	rows = max(rows, p.fileMark())
	p.rows = rows
	return connectors.Mark{Rows: rows}, err
}

// CommitMarked implements connectors.Transactional. Of several parts some may be there
// and the others not after a crash: the mark is then that of the last that is. It is also
// in a file of its own, as parts may be taken away by who works on them.
func (p *parts) CommitMarked(ctx context.Context, _ connectors.Mark) error {
	if err := p.finish(ctx); err != nil {
		return err
	}
	temp := p.markFile() + ".partial"
	err := os.WriteFile(temp, strconv.AppendInt(nil, p.rows, 10), 0o666)
	if err == nil {
		err = os.Rename(temp, p.markFile())
	}
	if err != nil {
		return fmt.Errorf("'%s' cannot be written: %w", p.markFile(), connectors.Reason(err))
	}
	return nil
}

// markFile is the file with the mark of the job.
func (p *parts) markFile() string { return filepath.Join(p.dir, "."+p.prefix+"mark") }

// fileMark returns the rows that the mark's file tells of; 0 when there is none.
func (p *parts) fileMark() int64 {
	text, err := os.ReadFile(p.markFile())
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return 0 // the names tell
	}
	return n
}

// Due reports that the rows of a job are to be written when they make a part, or are old
// enough.
func (p *parts) Due(bytes int64, age time.Duration) bool {
	return p.interval == 0 || age >= p.interval || bytes >= p.size
}

// Close implements connectors.Sink. A part that is not whole is removed.
func (p *parts) Close() error {
	if p.part == nil {
		return nil
	}
	return p.part.Close()
}

// syncFolder makes the names in a folder safe from a crash of the machine.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("'%s' cannot be opened: %w", dir, connectors.Reason(err))
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return fmt.Errorf("'%s' cannot be written: %w", dir, connectors.Reason(err))
	}
	return nil
}
