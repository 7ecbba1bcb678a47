package kafka

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"

	"tidemark/connectors"
)

// found is a partition that is going to be read.
type found struct {
	topicPartition
	id     topicID
	leader int32
	start  int64
	end    int64 // the offset before which reading ends, or noEnd
}

// patience is how long brokers that are not available are waited for at the start.
const patience = 3 * time.Second

// plan finds the partitions, in order, and where each starts and ends. at are those that
// were read before; nil when none was.
func (s *scan) plan(ctx context.Context, c *client, at *resumed) (parts []found, err error) {
	err = newRetry().DoFor(ctx, patience, func() error {
		if parts, err = s.locate(ctx, c); err != nil {
			return err
		}
		if err = s.starts(ctx, c, parts, at); err != nil {
			return err
		}
		return s.ends(ctx, c, parts, at)
	})
	if err == nil && at != nil {
		parts = at.arrange(parts)
	}
	return parts, err
}

// locate finds the partitions that the options name.
func (s *scan) locate(ctx context.Context, c *client) ([]found, error) {
	topics, err := c.topics(ctx, s.topics)
	if err != nil {
		return nil, err
	}
	var parts []found
	for _, t := range topics {
		if s.pattern != nil && (t.internal || !s.reads(t.name)) {
			continue
		}
		if t.err == kafka.UnknownTopicOrPartition {
			return nil, s.unknown(ctx, c, t.name)
		}
		if t.err != 0 {
			return nil, c.explainCode("topic "+t.name, t.err)
		}
		for _, p := range t.partitions {
			f := found{topicPartition: topicPartition{t.name, p.number}, id: t.id, leader: p.leader, end: noEnd}
			if p.leader < 0 {
				return nil, &connectors.Unavailable{Err: fmt.Errorf("%s has no leader at present", f)}
			}
			parts = append(parts, f)
		}
	}
	if len(parts) == 0 {
		return nil, s.unknown(ctx, c, "")
	}
	inOrder(parts)
	return parts, nil
}

// inOrder sorts partitions by topic and number.
func inOrder(parts []found) {
	slices.SortFunc(parts, func(a, b found) int {
		return cmp.Or(cmp.Compare(a.topic, b.topic), cmp.Compare(a.partition, b.partition))
	})
}

// unknown is the error for a topic that is not there; without a name, for a pattern that
// no topic matches.
func (s *scan) unknown(ctx context.Context, c *client, name string) error {
	e := &connectors.OptionError{Option: s.topicOption, Message: fmt.Sprintf("Kafka at %s has no topic '%s'", c.brokers, name)}
	if s.pattern != nil {
		e.Message = fmt.Sprintf("Kafka at %s has no topic that topic_pattern matches", c.brokers)
	}
	e.Hint = c.suggest(ctx, name)
	return e
}

// suggest returns a hint for a topic that is not there, or for a pattern when name is
// empty: the topic that is near, or those that there are; nothing when they cannot be had.
func (c *client) suggest(ctx context.Context, name string) string {
	all, err := c.topics(ctx, nil)
	if err != nil {
		return ""
	}
	var names []string
	for _, t := range all {
		if !t.internal && t.err == 0 {
			names = append(names, t.name)
		}
	}
	slices.Sort(names)
	const most = 10
	near := ""
	if name != "" {
		near = connectors.Near(name, names)
	}
	switch {
	case near != "":
		return "did you mean " + near + "?"
	case len(names) == 0:
		return "there are no topics yet"
	case len(names) <= most:
		return "there are: " + strings.Join(names, ", ")
	}
	return fmt.Sprintf("there are: %s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// starts finds where the partitions start.
func (s *scan) starts(ctx context.Context, c *client, parts []found, at *resumed) error {
	earliestAt, err := c.offsetsAt(ctx, parts, timeEarliest, false)
	if err != nil {
		return err
	}
	latestAt, err := c.offsetsAt(ctx, parts, timeLatest, false)
	if err != nil {
		return err
	}
	from := earliestAt
	if at == nil {
		if from, err = s.begin(ctx, c, parts, earliestAt); err != nil {
			return err
		}
	}
	for i := range parts {
		p := &parts[i]
		start, given := from[p.topicPartition]
		if !given {
			start = earliestAt[p.topicPartition]
		}
		before, known := at.find(p.topicPartition)
		what := ""
		if known {
			if start = before.offset; before.id != p.id && before.id != (topicID{}) && p.id != (topicID{}) {
				what = recreated(start)
			}
		}
		if what == "" {
			what = missing(start, earliestAt[p.topicPartition], latestAt[p.topicPartition])
		}
		if what != "" {
			if !s.onLoss {
				return s.lost(p.topicPartition, what)
			}
			start = earliestAt[p.topicPartition]
		}
		p.start = start
	}
	return s.gone(parts, at)
}

// gone checks that every partition that was read before, and is still asked for, is there.
func (s *scan) gone(parts []found, at *resumed) error {
	if s.onLoss || at == nil {
		return nil
	}
	for _, name := range at.names {
		p := splitName(name)
		there := slices.ContainsFunc(parts, func(f found) bool { return f.topicPartition == p })
		if was, begun := at.find(p); begun && !there && s.reads(p.topic) {
			return &connectors.OptionError{Option: s.topicOption, Message: fmt.Sprintf("%s: the messages from offset %d on are gone: the partition is not there any more", name, was.offset),
				Hint: "set on_data_loss = 'earliest' to go on without it"}
		}
	}
	return nil
}

// begin finds where partitions start that were not read before, as far as the options say
// so.
func (s *scan) begin(ctx context.Context, c *client, parts []found, earliestAt map[topicPartition]int64) (map[topicPartition]int64, error) {
	switch s.start.mode {
	case latest:
		return c.offsetsAt(ctx, parts, timeLatest, s.committed)
	case byTime:
		return s.timeOrEnd(ctx, c, parts, s.start.millis)
	case specific:
		return s.start.offsets, s.named(parts, s.start.offsets, "scan.startup.specific-offsets")
	case byGroup:
		return c.groupOffsets(ctx, s.group, parts)
	}
	return earliestAt, nil
}

// timeOrEnd finds the first messages that are not older than a time, and the end of
// partitions where there is none.
func (s *scan) timeOrEnd(ctx context.Context, c *client, parts []found, millis int64) (map[topicPartition]int64, error) {
	at, err := c.offsetsAt(ctx, parts, millis, s.committed)
	if err != nil {
		return nil, err
	}
	var end map[topicPartition]int64
	for p, offset := range at {
		if offset >= 0 {
			continue
		}
		if end == nil {
			if end, err = c.offsetsAt(ctx, parts, timeLatest, s.committed); err != nil {
				return nil, err
			}
		}
		at[p] = end[p]
	}
	return at, nil
}

// named checks that all partitions of an option are there.
func (s *scan) named(parts []found, offsets map[topicPartition]int64, option string) error {
	for at := range offsets {
		if !slices.ContainsFunc(parts, func(p found) bool { return p.topicPartition == at }) {
			return &connectors.OptionError{Option: option, Message: fmt.Sprintf("%s: there is no partition %s", option, at), Hint: fmt.Sprintf("there are %s to %s", parts[0], parts[len(parts)-1])}
		}
	}
	return nil
}

// ends finds where the partitions end.
func (s *scan) ends(ctx context.Context, c *client, parts []found, at *resumed) error {
	var to map[topicPartition]int64
	var err error
	switch s.end.mode {
	case never:
		return nil
	case latest:
		to, err = c.offsetsAt(ctx, parts, timeLatest, s.committed)
	case byTime:
		to, err = s.timeOrEnd(ctx, c, parts, s.end.millis)
	case offsets:
		to, err = s.end.offsets, s.named(parts, s.end.offsets, "scan.bounded.specific-offsets")
	}
	for i := range parts {
		p := &parts[i]
		var given bool
		if p.end, given = to[p.topicPartition]; !given {
			p.end = p.start
		}
		if before, ok := at.find(p.topicPartition); ok && before.end != noEnd {
			p.end = before.end // where the interrupted run would have ended
		}
	}
	return err
}
