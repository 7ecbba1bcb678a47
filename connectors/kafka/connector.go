// Package kafka reads and writes topics of Apache Kafka.
package kafka

import (
	"slices"

	"tidemark/connectors"
	"tidemark/connectors/format"
)

// Connector returns the Kafka connector.
func Connector() connectors.Connector {
	formats := connectors.OptionSpec{Name: "format", Values: []string{"json", "ndjson", "jsonl", "csv", "tsv", "debezium-json", "changelog-json", "avro", "protobuf", "raw"}, Required: true, Source: true, Sink: true,
		Doc: "The format of a message's value. Of csv and tsv a message that is read has one record, without a header."}
	ofFormats := format.SourceOptions()
	for i := range ofFormats {
		if o := &ofFormats[i]; o.Name == "header" {
			o.Source = false
		}
	}
	specs := slices.Concat(connectionOptions(), []connectors.OptionSpec{formats}, sourceOptions(), sinkOptions(), ofFormats)
	return format.WithMetadata(connectors.Connector{
		Name:      "kafka",
		Doc:       "Topics of Apache Kafka 2.1 or later, and what speaks its protocol.",
		Options:   withSynonyms(specs),
		NewSource: NewSource,
		Bounded:   bounded,
		Check:     check,
		NewSink:   NewSink, AppendOnly: appendOnly,
	}, "topic", "partition", "offset", "timestamp", "key", "headers", "ingest_time")
}
