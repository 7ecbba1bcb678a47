package kafka

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/createtopics"
	"github.com/segmentio/kafka-go/protocol/describeconfigs"

	"tidemark/connectors"
)

// target is a topic that is written.
type target struct {
	partitions int
	mostBytes  int // the largest batch that it takes
}

// defaultMostBytes is max.message.bytes where nobody has changed it.
const defaultMostBytes = 1<<20 + 12

// findTarget finds the topic of a sink, or creates it.
func findTarget(ctx context.Context, c *client, s *sinkSettings) (*target, error) {
	n, err := countPartitions(ctx, c, s.topic)
	if err != nil {
		return nil, err
	}
	if n == 0 && s.create {
		if err := createTopic(ctx, c, s); err != nil {
			return nil, err
		}
		if n, err = awaitTopic(ctx, c, s.topic); err != nil {
			return nil, err
		}
	}
	if n == 0 {
		hint := "create_topic = 'true' creates it"
		if others := c.suggest(ctx, s.topic); others != "" {
			hint = others + "; " + hint
		}
		return nil, &connectors.OptionError{Option: "topic", Message: fmt.Sprintf("Kafka at %s has no topic '%s'", c.brokers, s.topic), Hint: hint}
	}
	return &target{partitions: n, mostBytes: mostBytes(ctx, c, s.topic)}, nil
}

// awaitTopic waits until the brokers know of a topic that was created, and returns the
// number of its partitions.
func awaitTopic(ctx context.Context, c *client, topic string) (n int, err error) {
	err = newRetry().DoFor(ctx, startTimeout/2, func() error {
		if n, err = countPartitions(ctx, c, topic); err == nil && n == 0 {
			c.refresh(ctx)
			err = &connectors.Unavailable{Err: fmt.Errorf("topic '%s' was created, and Kafka at %s does not have it yet", topic, c.brokers)}
		}
		return err
	})
	return n, err
}

// countPartitions returns the number of a topic's partitions, 0 when there is no topic.
func countPartitions(ctx context.Context, c *client, topic string) (int, error) {
	found, err := c.topics(ctx, []string{topic})
	if err != nil || len(found) == 0 {
		return 0, err
	}
	switch t := found[0]; t.err {
	case 0:
		return len(t.partitions), nil
	case kafka.UnknownTopicOrPartition:
		return 0, nil
	case kafka.TopicAuthorizationFailed:
		return 0, &connectors.OptionError{Option: "topic", Message: fmt.Sprintf("Kafka at %s: topic '%s' is not open to this user", c.brokers, topic), Hint: "a sink needs the rights DESCRIBE and WRITE on the topic"}
	case kafka.InvalidTopic:
		return 0, &connectors.OptionError{Option: "topic", Message: fmt.Sprintf("'%s' is no name of a topic", topic), Hint: "a name has letters, digits, '.', '_' and '-', at most 249"}
	default:
		return 0, c.explain(t.err)
	}
}

// createTopic creates the topic of a sink.
func createTopic(ctx context.Context, c *client, s *sinkSettings) error {
	topic := createtopics.RequestTopic{Name: s.topic, NumPartitions: int32(s.partitions), ReplicationFactor: int16(s.replication)}
	if s.upsert {
		topic.Configs = []createtopics.RequestConfig{{Name: "cleanup.policy", Value: "compact"}}
	}
	res, err := c.ask(ctx, &createtopics.Request{Topics: []createtopics.RequestTopic{topic}, TimeoutMs: int32(requestTimeout.Milliseconds())}, requestTimeout)
	if err != nil {
		return err
	}
	for _, t := range res.(*createtopics.Response).Topics {
		code := kafka.Error(t.ErrorCode)
		switch code {
		case 0, kafka.TopicAlreadyExists:
			continue
		case kafka.TopicAuthorizationFailed, kafka.ClusterAuthorizationFailed:
			return &connectors.OptionError{Option: "create_topic", Message: fmt.Sprintf("Kafka at %s: this user may not create topic '%s'", c.brokers, s.topic), Hint: "it needs the right CREATE on the topic"}
		case kafka.InvalidReplicationFactor:
			return &connectors.OptionError{Option: "replication_factor", Message: fmt.Sprintf("Kafka at %s has too few brokers for the replication_factor of topic '%s'", c.brokers, s.topic), Hint: "lower it"}
		}
		if passes(code) {
			return c.explain(code)
		}
		why := describe(code)
		if t.ErrorMessage != "" {
			why = t.ErrorMessage
		}
		return &connectors.OptionError{Option: "create_topic", Message: fmt.Sprintf("Kafka at %s does not create topic '%s': %s", c.brokers, s.topic, why)}
	}
	return nil
}

// mostBytes returns the topic's max.message.bytes, or what it is by default where this
// user may not ask.
func mostBytes(ctx context.Context, c *client, topic string) int {
	const topics = 2 // the type of resource
	res, err := c.ask(ctx, &describeconfigs.Request{Resources: []describeconfigs.RequestResource{
		{ResourceType: topics, ResourceName: topic, ConfigNames: []string{"max.message.bytes"}}}}, requestTimeout)
	if err != nil {
		return defaultMostBytes
	}
	for _, r := range res.(*describeconfigs.Response).Resources {
		for _, e := range r.ConfigEntries {
			if n, err := strconv.Atoi(e.ConfigValue); err == nil && e.ConfigName == "max.message.bytes" && n > atRecords {
				return n
			}
		}
	}
	return defaultMostBytes
}

// refresh has the transport find out anew which broker has which partition, which it
// otherwise does now and then. It is a request to create no topics, the only one that
// it takes for a reason to look.
func (c *client) refresh(ctx context.Context) {
	const most = 2 * time.Second
	// When this fails the transport looks a little later by itself.
	_, _ = c.ask(ctx, &createtopics.Request{TimeoutMs: int32(most.Milliseconds())}, most)
}
