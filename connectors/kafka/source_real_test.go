//go:build integration

package kafka

import (
	"testing"

	"tidemark/connectors/kafka/kafkatest"
)

// TestIntegrationSource runs the tests of the source against a real Kafka.
func TestIntegrationSource(t *testing.T) { sourceTests(t, kafkatest.Brokers(t)) }
