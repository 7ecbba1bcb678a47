package kafka

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/segmentio/kafka-go/compress"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// The values of options of sinks.
const (
	exactlyOnce = "exactly_once"
	atLeastOnce = "at_least_once"
	keyJSON     = "json"
	keyRaw      = "raw"
)

// codecs are the values of compression, in the order of their numbers in a batch.
var codecs = []string{"none", "gzip", "snappy", "lz4", "zstd"}

// sinkOptions are those of writing.
func sinkOptions() []connectors.OptionSpec {
	return []connectors.OptionSpec{
		{Name: "key", Default: "the primary key", Sink: true, Doc: "The columns, separated by commas, that make the message's key; messages of a key stay in one partition and in order."},
		{Name: "key_format", Values: []string{keyJSON, keyRaw}, Default: keyJSON, Sink: true, Doc: "The form of the message's key: a JSON object of its columns, or the text of the only one."},
		{Name: "delivery", Values: []string{exactlyOnce, atLeastOnce}, Default: "exactly_once with checkpoints, else at_least_once", Sink: true, Doc: "Whether rows that are written again after a crash are seen twice. Exactly once is by a transaction for each checkpoint: readers see its rows with isolation level read_committed."},
		{Name: "compression", Values: codecs, Default: "none", Sink: true, Doc: "How batches of messages are compressed."},
		{Name: "batch_size", Kind: "size", Default: "512 KB", Sink: true, Doc: "How large a batch of a partition gets before it is sent, before compression; never more than the topic's max.message.bytes."},
		{Name: "transaction_timeout", Kind: "duration", Default: "1m", Sink: true, Doc: "After this time the broker gives a transaction up whose writer is gone, and readers go on; not more than the broker's transaction.max.timeout.ms."},
		{Name: "create_topic", Kind: "bool", Default: "false", Sink: true, Doc: "Create the topic when it is not there; compacted when the relation has a primary key and writes rows, not changes."},
		{Name: "partitions", Kind: "int", Default: "the broker's", Sink: true, Doc: "How many partitions a created topic has."},
		{Name: "replication_factor", Kind: "int", Default: "the broker's", Sink: true, Doc: "On how many brokers each message of a created topic is kept."},
	}
}

// appendOnly reports whether a sink takes only new rows.
func appendOnly(o connectors.Options, keyed bool) bool { return !keyed && !connectors.Changelog(o) }

// sinkSettings are the options of a sink.
type sinkSettings struct {
	topic     string
	key       []int // columns of the message's key; nil: messages have none
	rawKey    bool
	changelog bool // messages are changes, else rows
	upsert    bool // messages replace those of their key, and without a value delete
	// exactly says that transactions are used.
	exactly     bool
	codec       compress.Compression
	batchBytes  int
	timeout     time.Duration
	create      bool
	partitions  int
	replication int
}

func newSinkSettings(cfg *connectors.SinkConfig) (*sinkSettings, error) {
	s := &sinkSettings{changelog: connectors.Changelog(cfg.Options)}
	s.upsert = cfg.Key != nil && !s.changelog
	if err := s.plain(cfg.Options); err != nil {
		return nil, err
	}
	if err := s.keys(cfg); err != nil {
		return nil, err
	}
	return s, s.guarantee(cfg)
}

// plain reads the options that mean the same whatever the columns and the job are.
func (s *sinkSettings) plain(o connectors.Options) error {
	if s.topic = o.Text("topic", ""); s.topic == "" {
		return &connectors.OptionError{Option: "topic", Message: "connector 'kafka' needs the option topic", Hint: "write for example topic = 'results'"}
	}
	if strings.Contains(s.topic, ",") {
		return &connectors.OptionError{Option: "topic", Message: fmt.Sprintf("topic = '%s' names several topics, and a sink writes one", s.topic), Hint: "declare a relation for each"}
	}
	codec, err := o.Enum("compression", codecs[0], codecs...)
	if err != nil {
		return err
	}
	for i, name := range codecs {
		if name == codec {
			s.codec = compress.Compression(i)
		}
	}
	size, err := o.Size("batch_size", 512<<10, 1<<10, 64<<20)
	if err != nil {
		return err
	}
	s.batchBytes = int(size)
	s.timeout, err = o.Duration("transaction_timeout", time.Minute)
	if err == nil && (s.timeout < time.Second || s.timeout > 24*time.Hour) {
		err = &connectors.OptionError{Option: "transaction_timeout", Message: fmt.Sprintf("transaction_timeout = %s is out of range", s.timeout), Hint: "it must be between 1s and 24h"}
	}
	if err != nil {
		return err
	}
	if s.create, err = o.Bool("create_topic", false); err != nil {
		return err
	}
	return s.layout(o)
}

// layout reads what a created topic is like.
func (s *sinkSettings) layout(o connectors.Options) error {
	for _, l := range []struct {
		name  string
		most  int64
		value *int
	}{{"partitions", 100_000, &s.partitions}, {"replication_factor", math.MaxInt16, &s.replication}} {
		n, err := o.Int(l.name, -1, 1, l.most)
		if err != nil {
			return err
		}
		if *l.value = int(n); n > 0 && !s.create {
			return &connectors.OptionError{Option: l.name, Message: fmt.Sprintf("%s does nothing without create_topic", l.name), Hint: "add create_topic = 'true', or leave it out"}
		}
	}
	return nil
}

// keys finds the columns of the message's key.
func (s *sinkSettings) keys(cfg *connectors.SinkConfig) error {
	names, err := list(cfg.Options, "key")
	if err != nil {
		return err
	}
	for _, name := range names {
		c := columnOf(cfg.Schema, name)
		if c < 0 {
			hint := "the columns are " + strings.Join(cfg.Schema.Names(), ", ")
			if near := connectors.Near(name, cfg.Schema.Names()); near != "" {
				hint = "did you mean " + near + "?"
			}
			return &connectors.OptionError{Option: "key", Message: fmt.Sprintf("key: there is no column %s", name), Hint: hint}
		}
		s.key = append(s.key, c)
	}
	if names == nil {
		s.key = cfg.Key
	}
	if s.upsert && !sameColumns(s.key, cfg.Key) {
		return &connectors.OptionError{Option: "key", Message: fmt.Sprintf("key = '%s' is not the primary key, by which messages replace one another", cfg.Options.Text("key", "")), Hint: "leave it out, or write changes with format = 'debezium-json'"}
	}
	form, err := cfg.Options.Enum("key_format", keyJSON, keyJSON, keyRaw)
	if err != nil {
		return err
	}
	switch s.rawKey = form == keyRaw; {
	case len(s.key) == 0 && cfg.Options.Has("key_format"):
		return &connectors.OptionError{Option: "key_format", Message: "key_format does nothing, as the messages have no key", Hint: "add the option key"}
	case s.rawKey && len(s.key) != 1:
		return &connectors.OptionError{Option: "key_format", Message: fmt.Sprintf("key_format = 'raw' takes one column, and the key has %d", len(s.key)), Hint: "use 'json'"}
	}
	return nil
}

// guarantee finds out whether transactions are used.
func (s *sinkSettings) guarantee(cfg *connectors.SinkConfig) error {
	def := atLeastOnce
	if cfg.Job != nil {
		def = exactlyOnce
	}
	delivery, err := cfg.Options.Enum("delivery", def, exactlyOnce, atLeastOnce)
	if err != nil {
		return err
	}
	s.exactly = delivery == exactlyOnce
	if s.exactly && cfg.Job == nil {
		return &connectors.OptionError{Option: "delivery", Message: "delivery = 'exactly_once' needs checkpoints, and this job has none", Hint: "run it with --checkpoint-dir, or set 'at_least_once'"}
	}
	return nil
}

// columnOf returns the place of the column called name, or -1.
func columnOf(schema data.Schema, name string) int {
	for i, c := range schema {
		if strings.EqualFold(c.Name, name) {
			return i
		}
	}
	return -1
}

// sameColumns reports whether a and b have the same columns in any order.
func sameColumns(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	in := map[int]bool{}
	for _, c := range a {
		in[c] = true
	}
	for _, c := range b {
		if !in[c] {
			return false
		}
	}
	return true
}
