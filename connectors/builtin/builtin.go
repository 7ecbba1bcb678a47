// Package builtin knows every connector that Tidemark comes with.
package builtin

import (
	"tidemark/connectors"
	"tidemark/connectors/datagen"
	"tidemark/connectors/file"
	"tidemark/connectors/kafka"
	"tidemark/connectors/nexmark"
	"tidemark/connectors/redis"
	"tidemark/connectors/sqldb"
	"tidemark/connectors/stdio"
)

// Registry returns a new registry of all connectors.
func Registry() *connectors.Registry {
	r := connectors.NewRegistry()
	r.Register(file.Connector())
	r.Register(sqldb.SQLite())
	r.Register(sqldb.Postgres())
	r.Register(kafka.Connector())
	r.Register(redis.Connector())
	r.Register(datagen.Connector())
	r.Register(nexmark.Connector())
	for _, c := range stdio.Connectors() {
		r.Register(c)
	}
	r.Print = stdio.NewPrinter
	return r
}
