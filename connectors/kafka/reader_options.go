package kafka

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// sourceOptions are those of reading.
func sourceOptions() []connectors.OptionSpec {
	return []connectors.OptionSpec{
		{Name: "topic", Source: true, Sink: true, Doc: "The topic; of a source also several, separated by commas."},
		{Name: "topic_pattern", Source: true, Doc: "A regular expression; the topics whose whole name it matches are read, those that are created later included."},
		{Name: "group_id", Source: true, Doc: "The consumer group whose committed offsets are where reading starts under 'group', and which shows others how far checkpoints have come. Nothing is shared out among its members."},
		{Name: "scan.startup.mode", Values: startupModes, Default: "earliest", Source: true, Doc: "Where reading starts without a checkpoint."},
		{Name: "scan.startup.timestamp", Source: true, Doc: "For 'timestamp': the first message of each partition that is not older, as a time or in milliseconds since 1970."},
		{Name: "scan.startup.specific-offsets", Source: true, Doc: "For 'specific-offsets': 'partition:0,offset:42;partition:1,offset:300', and 'topic:…' before it where there are several topics. Other partitions start at the earliest."},
		{Name: "scan.bounded.mode", Values: boundedModes, Default: "none", Source: true, Doc: "Where the input ends: never, at the latest message that there is at the start, before a time, or at offsets."},
		{Name: "scan.bounded.timestamp", Source: true, Doc: "For 'timestamp': messages of each partition are read up to the first that is not older."},
		{Name: "scan.bounded.specific-offsets", Source: true, Doc: "For 'offsets': the offsets before which partitions end, written as for the start. Other partitions are not read."},
		{Name: "isolation_level", Values: []string{"read_committed", "read_uncommitted"}, Default: "read_committed", Source: true, Doc: "Whether messages of transactions wait until these are committed, and are left out when they are aborted."},
		{Name: "on_data_loss", Values: []string{"fail", "earliest"}, Default: "fail", Source: true, Doc: "What becomes of the run when messages that it has not read are gone: it ends, or goes on with the earliest that there is."},
		{Name: "discovery_interval", Kind: "duration", Default: "30s", Source: true, Doc: "How often new partitions and topics are looked for; '0' is never."},
		{Name: "fetch_memory", Kind: "size", Default: "32 MiB", Source: true, Doc: "How many bytes may be fetched ahead, all partitions together. A batch larger than a partition's share is still fetched."},
		{Name: "max_batch_bytes", Kind: "size", Default: "64 MiB", Source: true, Doc: "A batch of messages that is larger once it is decompressed ends the run."},
	}
}

// The names of where reading starts and ends.
const (
	earliest = "earliest"
	latest   = "latest"
	byTime   = "timestamp"
	specific = "specific-offsets"
	byGroup  = "group"
	never    = "none"
	offsets  = "offsets"
)

var (
	startupModes = []string{earliest, latest, byTime, specific, byGroup}
	boundedModes = []string{never, latest, byTime, offsets}
)

// bounded reports whether the options say that the input ends; what is wrong with them
// is reported elsewhere.
func bounded(o connectors.Options) bool {
	mode, err := o.Enum("scan.bounded.mode", never, boundedModes...)
	return err == nil && mode != never
}

// topicPartition names a partition of a topic.
type topicPartition struct {
	topic     string
	partition int32
}

// String returns "topic/3".
func (p topicPartition) String() string { return p.topic + "/" + strconv.Itoa(int(p.partition)) }

// edge is where reading starts or ends.
type edge struct {
	mode    string
	millis  int64 // for byTime, since 1970
	offsets map[topicPartition]int64
}

// scan is what the options say of reading.
type scan struct {
	topics      []string       // nil under a pattern
	pattern     *regexp.Regexp // nil for topics by name
	group       string
	start, end  edge
	committed   bool // leave out what is not, or never
	onLoss      bool // go on at the earliest
	discovery   time.Duration
	memory      int64
	maxBatch    int64
	topicOption string // for errors: the one that names the topics
}

func newScan(o connectors.Options) (*scan, error) {
	s := &scan{group: o.Text("group_id", "")}
	if err := s.which(o); err != nil {
		return nil, err
	}
	var err error
	if s.start, err = s.edge(o, "scan.startup.", earliest, startupModes); err != nil {
		return nil, err
	}
	if s.end, err = s.edge(o, "scan.bounded.", never, boundedModes); err != nil {
		return nil, err
	}
	if s.start.mode == byGroup && s.group == "" {
		return nil, &connectors.OptionError{Option: "scan.startup.mode", Message: "scan.startup.mode = 'group' needs the option group_id", Hint: "name the consumer group"}
	}
	isolation, err := o.Enum("isolation_level", "read_committed", "read_committed", "read_uncommitted")
	if err != nil {
		return nil, err
	}
	s.committed = isolation == "read_committed"
	loss, err := o.Enum("on_data_loss", "fail", "fail", earliest)
	if err != nil {
		return nil, err
	}
	s.onLoss = loss == earliest
	if s.discovery, err = o.Duration("discovery_interval", 30*time.Second); err != nil {
		return nil, err
	}
	if s.memory, err = o.Size("fetch_memory", 32<<20, 64<<10, 16<<30); err != nil {
		return nil, err
	}
	s.maxBatch, err = o.Size("max_batch_bytes", 64<<20, 1, math.MaxInt32)
	return s, err
}

// which finds the topics in the options.
func (s *scan) which(o connectors.Options) error {
	names, err := list(o, "topic")
	if err != nil {
		return err
	}
	pattern, ok := o.Get("topic_pattern")
	switch {
	case ok && len(names) > 0:
		return &connectors.OptionError{Option: "topic_pattern", Message: "topic and topic_pattern both name topics", Hint: "leave one out"}
	case !ok && len(names) == 0:
		return &connectors.OptionError{Option: "connector", Message: "connector 'kafka' needs the option topic", Hint: "write for example topic = 'clicks', or topic_pattern = 'clicks-.*'"}
	case ok:
		s.topicOption = "topic_pattern"
		if s.pattern, err = regexp.Compile("^(?:" + pattern + ")$"); err != nil {
			return &connectors.OptionError{Option: "topic_pattern", Message: fmt.Sprintf("topic_pattern = '%s' is not a regular expression", pattern), Hint: "write for example 'clicks-.*'"}
		}
		return nil
	}
	s.topicOption = "topic"
	for i, name := range names {
		for _, before := range names[:i] {
			if name == before {
				return &connectors.OptionError{Option: "topic", Message: fmt.Sprintf("topic: '%s' is named twice", name), Hint: "leave one out"}
			}
		}
	}
	s.topics = names
	return nil
}

// edge reads the options of where reading starts or ends, whose names begin with prefix.
func (s *scan) edge(o connectors.Options, prefix, def string, modes []string) (edge, error) {
	mode, err := o.Enum(prefix+"mode", def, modes...)
	e := edge{mode: mode}
	if err != nil {
		return e, err
	}
	list := prefix + "specific-offsets"
	for _, of := range []struct {
		option string
		needed bool
	}{{prefix + "timestamp", mode == byTime}, {list, mode == specific || mode == offsets}} {
		switch given := o.Has(of.option); {
		case of.needed && !given:
			return e, &connectors.OptionError{Option: prefix + "mode", Message: fmt.Sprintf("%smode = '%s' needs the option %s", prefix, mode, of.option)}
		case given && !of.needed:
			return e, &connectors.OptionError{Option: of.option, Message: fmt.Sprintf("%s does nothing under %smode = '%s'", of.option, prefix, mode), Hint: "leave it out, or set the mode"}
		case !of.needed:
		case of.option == list:
			e.offsets, err = s.offsets(o, list)
		default:
			e.millis, err = millis(o, of.option)
		}
		if err != nil {
			return e, err
		}
	}
	return e, nil
}

// millis reads a time, in milliseconds since 1970.
func millis(o connectors.Options, name string) (int64, error) {
	text := strings.TrimSpace(o.Text(name, ""))
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n >= 0 {
		return n, nil
	}
	v := data.NewConst(data.Of(data.Timestamp))
	if err := data.NewTextParser(v.Type, time.UTC).Append(v, []byte(text)); err != nil {
		return 0, &connectors.OptionError{Option: name, Message: fmt.Sprintf("%s = '%s' is not a time", name, text), Hint: "write for example '2026-01-31 12:00:00', or milliseconds since 1970"}
	}
	us := v.Ints[0]
	return us/1000 + min(us%1000, 1), nil // not before the time
}

// offsets reads the offsets of partitions.
func (s *scan) offsets(o connectors.Options, name string) (map[topicPartition]int64, error) {
	text := o.Text(name, "")
	wrong := func(what string) error {
		return &connectors.OptionError{Option: name, Message: fmt.Sprintf("%s: %s", name, what), Hint: "write 'partition:0,offset:42;partition:1,offset:300', each with 'topic:…' before it where there are several topics"}
	}
	found := map[topicPartition]int64{}
	for _, entry := range strings.Split(text, ";") {
		if entry = strings.TrimSpace(entry); entry == "" {
			continue
		}
		at, offset := topicPartition{partition: -1}, int64(-1)
		if len(s.topics) == 1 {
			at.topic = s.topics[0]
		}
		for _, field := range strings.Split(entry, ",") {
			key, value, _ := strings.Cut(field, ":")
			value = strings.TrimSpace(value)
			n, err := strconv.ParseInt(value, 10, 64)
			switch key = strings.TrimSpace(key); {
			case key == "topic" && value != "":
				at.topic = value
			case key == "partition" && err == nil && n >= 0 && n <= math.MaxInt32:
				at.partition = int32(n)
			case key == "offset" && err == nil && n >= 0:
				offset = n
			default:
				return nil, wrong(fmt.Sprintf("'%s' is none of topic:name, partition:number and offset:number", strings.TrimSpace(field)))
			}
		}
		if at.topic == "" || at.partition < 0 || offset < 0 {
			return nil, wrong(fmt.Sprintf("'%s' lacks a topic, a partition or an offset", entry))
		}
		if _, twice := found[at]; twice {
			return nil, wrong("'" + at.String() + "' is there twice")
		}
		found[at] = offset
	}
	if len(found) == 0 {
		return nil, wrong("there are no offsets")
	}
	return found, nil
}

// reads reports whether the topics that are read include one of a name.
func (s *scan) reads(topic string) bool {
	if s.pattern != nil {
		return s.pattern.MatchString(topic)
	}
	for _, t := range s.topics {
		if t == topic {
			return true
		}
	}
	return false
}
