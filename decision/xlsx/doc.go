// Package xlsx reads decision tables from Excel workbooks and writes them there:
// one sheet a table, in the rows that [decision.ParseSheet] describes, so that the
// people who own the rules edit them where they are used to.
//
// An empty cell of a rule says, as a condition, that the input is empty, and as an
// output null; a dash is the condition that says any value.
//
// Numbers, dates, times and truth values may be typed as such, a value in merged
// cells holds for all of them, and a formula counts with the value that was last
// computed; one that has none is refused. A sheet without text, a hidden one, and
// one whose name begins with # is no table and is left out; any other must be one.
// A sheet that does not say how its table is called gives it its own name.
package xlsx
