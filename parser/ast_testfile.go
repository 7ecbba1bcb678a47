package parser

// The statements below stand in test files only: see ParseTest.

// Load is LOAD 'file' [WITH (name = 'value', …)]: the script under test, with the
// values of its variables.
type Load struct {
	Node
	File    *Text
	Options []*Option
}

// Test is TEST 'name': the beginning of a test.
type Test struct {
	Node
	Name *Text
}

// Feed is an INSERT that only tests have: INSERT INTO name [PARTITION n] [(columns)]
// VALUES … or FROM 'file', and INSERT CHANGES INTO name VALUES ('+I', …), ….
// Exactly one of Rows and File is set.
type Feed struct {
	Node
	Changes   bool
	Table     *Name
	Partition *Count // nil without
	Columns   []*Name
	Rows      *Values
	File      *Text
}

// AdvanceClock is ADVANCE CLOCK BY interval.
type AdvanceClock struct {
	Node
	By *Expr
}

// Idle is IDLE name [PARTITION n].
type Idle struct {
	Node
	Stream    *Name
	Partition *Count // nil: all of them
}

// Checkpoint is CHECKPOINT.
type Checkpoint struct{ Node }

// Crash is CRASH.
type Crash struct{ Node }

// Finish is FINISH [name].
type Finish struct {
	Node
	Stream *Name // nil: every one
}

// ExpectKind tells the forms of EXPECT.
type ExpectKind uint8

// The forms of EXPECT.
const (
	ExpectRows      ExpectKind = iota // EXPECT name [(columns)] VALUES … | FROM 'file' | = (query)
	ExpectChanges                     // EXPECT CHANGES name [(columns)] VALUES …
	ExpectNoChanges                   // EXPECT NO CHANGES name
	ExpectEmpty                       // EXPECT EMPTY name
	ExpectLate                        // EXPECT LATE name n
	ExpectRejected                    // EXPECT REJECTED name n
	ExpectState                       // EXPECT STATE <= n ROWS
	ExpectWatermark                   // EXPECT WATERMARK OF name timestamp
	ExpectError                       // EXPECT ERROR 'text' FOR statement
)

// Expect is EXPECT in one of its forms.
type Expect struct {
	Node
	Kind    ExpectKind
	Target  *Name // of STATE and ERROR nil
	Columns []*Name
	// What rows are expected: one of these of ExpectRows, Values of ExpectChanges.
	Values *Values
	File   *Text
	Query  *Query
	Count  *Count // of LATE, REJECTED and STATE
	Time   *Expr  // of WATERMARK
	// Of ERROR, a part of the message and the statement that is to be refused.
	Message   *Text
	Statement *Statement
}

// Text is a string in a place where no other expression can stand.
type Text struct {
	Node
	Value string // without quotes
}

// Count is a whole number in a place where no other expression can stand.
type Count struct {
	Node
	Value int64
}
