package parser

func (r *failureReport) unsupported() (from, to int, name, hint string) { return 0, 0, "", "" }
