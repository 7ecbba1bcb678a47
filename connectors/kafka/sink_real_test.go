//go:build integration

package kafka

import (
	"testing"

	"tidemark/connectors/kafka/kafkatest"
)

// TestIntegrationSink runs the tests of the sink against a real Kafka.
func TestIntegrationSink(t *testing.T) {
	brokers := kafkatest.Brokers(t)
	sinkTests(t, brokers)
	t.Run("name", func(t *testing.T) {
		r := newRig(t, brokers, 1)
		r.topic = "not a name!"
		_, err := NewSink(r.config(nil, "create_topic", "true"))
		wantError(t, err, "'not a name!' is no name of a topic")
	})
}
