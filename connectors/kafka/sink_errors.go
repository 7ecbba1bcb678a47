package kafka

import (
	"errors"
	"fmt"

	"github.com/segmentio/kafka-go"

	"tidemark/connectors"
)

// answer returns the error that a broker's answer has, nil for none. It is Unavailable
// when it may pass.
func answer(code int16) error {
	switch e := kafka.Error(code); {
	case e == 0:
		return nil
	case passes(e), e == kafka.ConcurrentTransactions, e == kafka.TransactionCoordinatorFenced:
		return &connectors.Unavailable{Err: e}
	default:
		return e
	}
}

// codeOf returns the broker's code that err is about; 0 when it is about none.
func codeOf(err error) kafka.Error {
	var code kafka.Error
	errors.As(err, &code)
	return code
}

// forgotten reports whether the broker knows nothing of the batches that came before, as
// when their messages have been deleted.
func forgotten(err error) bool {
	code := codeOf(err)
	return code == kafka.OutOfOrderSequenceNumber || code == kafka.UnknownProducerId || code == kafka.InvalidProducerIDMapping
}

// superseded reports whether the broker has a later producer of the name, or has given
// the transaction up.
func superseded(err error) bool {
	switch codeOf(err) {
	case kafka.InvalidProducerEpoch, kafka.ProducerFenced, kafka.InvalidProducerIDMapping, kafka.InvalidTransactionState:
		return true
	}
	return forgotten(err)
}

// explain says what the error of a partition's batch means.
func (p *producer) explain(part *partition, b *recordBatch, err error) error {
	code := codeOf(err)
	switch code {
	case 0:
		return err
	case kafka.MessageSizeTooLarge, kafka.RecordListTooLarge, kafka.InvalidMessageSize:
		return fmt.Errorf("topic %s does not take a batch of %d bytes with %d messages: raise the topic's max.message.bytes, or lower batch_size", p.topic, len(b.wire)-4, b.count)
	case kafka.InvalidRecord:
		return fmt.Errorf("topic %s, partition %d: the broker refuses a message: a compacted topic takes only messages with a key: declare a PRIMARY KEY or the option key", p.topic, part.number)
	case kafka.TopicAuthorizationFailed:
		return fmt.Errorf("topic %s may not be written by this user: it lacks the right WRITE on the topic", p.topic)
	case kafka.UnsupportedCompressionType:
		return &connectors.OptionError{Option: "compression", Message: fmt.Sprintf("the broker does not take compression = '%s'", p.codec), Hint: "choose another"}
	case kafka.UnsupportedForMessageFormat:
		return fmt.Errorf("topic %s keeps messages in a form from before Kafka 0.11: raise its message.format.version", p.topic)
	}
	return alike(err, fmt.Errorf("topic %s, partition %d: %w", p.topic, part.number, explainProducer(err)))
}

// explainProducer says what an answer to a request of a producer means.
func explainProducer(err error) error {
	code := codeOf(err)
	switch code {
	case 0:
		return err
	case kafka.TransactionalIDAuthorizationFailed:
		return errors.New("this user may not write in transactions: it lacks the rights WRITE and DESCRIBE on transactional ids that begin with tidemark-, or set delivery = 'at_least_once'")
	case kafka.ClusterAuthorizationFailed:
		return errors.New("this user may not write without duplicates: it lacks the right IDEMPOTENT_WRITE on the cluster")
	case kafka.GroupAuthorizationFailed:
		return errors.New("this user may not keep its progress: it lacks the right READ on groups that begin with tidemark-, or set delivery = 'at_least_once'")
	case kafka.InvalidTransactionTimeout:
		return &connectors.OptionError{Option: "transaction_timeout", Message: "transaction_timeout is more than the broker allows", Hint: "lower it, or raise the broker's transaction.max.timeout.ms"}
	}
	return alike(err, coded{code})
}

// alike returns err, Unavailable when cause is.
func alike(cause, err error) error {
	if connectors.IsUnavailable(cause) && !connectors.IsUnavailable(err) {
		return &connectors.Unavailable{Err: err}
	}
	return err
}

// coded is a broker's code in words.
type coded struct{ code kafka.Error }

// Error describes the code.
func (c coded) Error() string { return describe(c.code) }

// Unwrap returns the code.
func (c coded) Unwrap() error { return c.code }
