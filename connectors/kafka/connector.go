// Package kafka reads and writes topics of Apache Kafka.
package kafka

import (
	"slices"

	"tidemark/connectors"
)

// Connector returns the Kafka connector.
func Connector() connectors.Connector {
	specs := slices.Concat(connectionOptions(), sourceOptions(), sinkOptions())
	return connectors.Connector{
		Name:    "kafka",
		Doc:     "Topics of Apache Kafka 2.1 or later, and what speaks its protocol.",
		Options: withSynonyms(specs),
		Bounded: bounded,
		NewSink: NewSink, AppendOnly: appendOnly,
	}
}
