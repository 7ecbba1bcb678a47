package kafka

import (
	"encoding/binary"
	"fmt"
	"math"

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

// parsePositions reads the positions of partitions, by their names.
func parsePositions(at []connectors.Position) (map[string]position, error) {
	m := make(map[string]position, len(at))
	for _, a := range at {
		p, err := parsePosition(a.At)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.Partition, err)
		}
		m[a.Partition] = p
	}
	return m, nil
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
