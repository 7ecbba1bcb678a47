package sqldb

import "tidemark/connectors"

// marksTable has the marks of jobs: one row for each sink of each.
const marksTable = "tidemark_marks"

// createMarks makes that table; its types are of every database.
func createMarks(table string) string {
	return "CREATE TABLE IF NOT EXISTS " + table + " (job VARCHAR(200) NOT NULL, sink VARCHAR(200) NOT NULL, checkpoint BIGINT NOT NULL, rows BIGINT NOT NULL, PRIMARY KEY (job, sink))"
}

// marks is what a store knows of its job's mark.
type marks struct {
	job *connectors.Job // nil without one
	// last is the mark that the database is believed to have.
	last connectors.Mark
}

// check compares the mark that is in the database with what it should be: whatever
// else has moved it has also written the rows.
func (m *marks) check(place string, found connectors.Mark) error {
	return connectors.CheckMark(place, found, m.last)
}
