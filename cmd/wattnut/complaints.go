package main

// complaint is an error in the words of NUT's programs, which scripts look for.
type complaint string

func (c complaint) Error() string { return string(c) }

const (
	errAddress     complaint = "invalid UPS definition.  Required format: upsname[@hostname[:port]]"
	errUPS         complaint = "invalid UPS definition.\nRequired format: upsname[@hostname[:port]]"
	errOldName     complaint = "old-style variable names are not supported"
	errOldCommand  complaint = "old command names are not supported"
	errOldVariable complaint = "old variable names are not supported"
	errStdin       complaint = "Error reading from stdin!"
	errPatience    complaint = "Could not convert the provided value for timeout ('-t' option) to unsigned int: Invalid argument"
	errOutcome     complaint = "Can't receive status tracking information: timeout"
	errNoUPS       complaint = "No UPS defined for monitoring - use -s <system>"
	errNoLogfile   complaint = "No filename defined for logging - use -l <file>"
)
