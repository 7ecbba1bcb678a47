// Package kafka reads and writes topics of Apache Kafka.
package kafka

import (
	"slices"

	"tidemark/connectors"
	"tidemark/connectors/format"
)

// Connector returns the Kafka connector.
func Connector() connectors.Connector {
	formats := connectors.OptionSpec{Name: "format", Values: []string{"json", "ndjson", "jsonl", "csv", "tsv", "changelog-json"}, Required: true, Source: true, Sink: true,
		Doc: "The format of a message's value."}
	specs := slices.Concat(connectionOptions(), []connectors.OptionSpec{formats}, sourceOptions(), sinkOptions(), format.SourceOptions())
	return connectors.Connector{
		Name:    "kafka",
		Doc:     "Topics of Apache Kafka 2.1 or later, and what speaks its protocol.",
		Options: withSynonyms(specs),
		Bounded: bounded,
		NewSink: NewSink, AppendOnly: appendOnly,
	}
}
