package kafka

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"

	"tidemark/connectors"
)

// position is how far a partition was read, as it is kept in checkpoints.
type position struct {
	offset int64 // of the next message
	end    int64 // where reading ends; noEnd when it does not
	id     topicID
}

// noEnd is the end of a partition that is read on and on.
const noEnd = math.MaxInt64

// append appends the position to b.
func (p position) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(p.offset))
	b = binary.AppendUvarint(b, uint64(p.end))
	return append(b, p.id[:]...)
}

// parsePosition reads what append has written.
func parsePosition(b []byte) (position, error) {
	var p position
	offset, n := binary.Uvarint(b)
	if n > 0 {
		b = b[n:]
		var end uint64
		if end, n = binary.Uvarint(b); n > 0 && len(b) == n+len(p.id) && offset <= math.MaxInt64 && end <= math.MaxInt64 {
			copy(p.id[:], b[n:])
			p.offset, p.end = int64(offset), int64(end)
			return p, nil
		}
	}
	return p, fmt.Errorf("the position in the checkpoint is none of a Kafka partition")
}

// resumed are the positions of partitions that were read before.
type resumed struct {
	names []string // in their order
	at    map[string]position
}

// parsePositions reads positions. A partition of which nothing was read has a name only.
func parsePositions(list []connectors.Position) (*resumed, error) {
	r := &resumed{at: map[string]position{}}
	for _, l := range list {
		r.names = append(r.names, l.Partition)
		if len(l.At) == 0 {
			continue
		}
		p, err := parsePosition(l.At)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", l.Partition, err)
		}
		r.at[l.Partition] = p
	}
	return r, nil
}

// find returns where a partition stood; false when it was not read before.
func (r *resumed) find(p topicPartition) (position, bool) {
	if r == nil {
		return position{}, false
	}
	at, ok := r.at[p.String()]
	return at, ok
}

// arrange puts the partitions into the order in which they were before, new ones behind.
// In the place of one that is not read any more comes one that has ended.
func (r *resumed) arrange(parts []found) []found {
	byName := make(map[string]found, len(parts))
	for _, p := range parts {
		byName[p.String()] = p
	}
	var all []found
	for _, name := range r.names {
		p, ok := byName[name]
		if !ok {
			was := r.at[name]
			p = found{topicPartition: splitName(name), id: was.id, leader: -1, start: was.offset, end: was.offset}
		}
		delete(byName, name)
		all = append(all, p)
	}
	for _, p := range parts {
		if _, isNew := byName[p.String()]; isNew {
			all = append(all, p)
		}
	}
	return all
}

// splitName reads what topicPartition.String has written.
func splitName(name string) topicPartition {
	slash := max(0, strings.LastIndexByte(name, '/'))
	n, _ := strconv.ParseInt(name[min(slash+1, len(name)):], 10, 32)
	return topicPartition{name[:slash], int32(n)}
}

// lost is the error of messages that were to be read and are not there any more.
func (s *scan) lost(at topicPartition, what string) error {
	return &connectors.OptionError{Option: s.topicOption, Message: fmt.Sprintf("%s: %s", at, what),
		Hint: "set on_data_loss = 'earliest' to go on without them at the earliest message that there is"}
}

// missing says what is gone when the next message of a partition would be at offset, and
// there are those from earliest up to before latest; "" when nothing is.
func missing(offset, earliest, latest int64) string {
	switch {
	case offset < earliest && offset+1 == earliest:
		return fmt.Sprintf("offset %d is gone: the log begins at %d now", offset, earliest)
	case offset < earliest:
		return fmt.Sprintf("offsets %d to %d are gone: the log begins at %d now", offset, earliest-1, earliest)
	case offset > latest:
		return fmt.Sprintf("offsets %d to %d are gone: the log ends at %d now, the topic was cut off or created again", latest, offset-1, latest)
	}
	return ""
}

// recreated says what is gone with a topic that was deleted.
func recreated(offset int64) string {
	return fmt.Sprintf("the messages from offset %d on are gone: the topic was deleted and created again", offset)
}
