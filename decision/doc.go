// Package decision evaluates decision tables as DMN has them: typed inputs and
// outputs, rules whose cells are conditions, and a hit policy that says what
// several matching rules mean. It needs the standard library and
// github.com/shopspring/decimal only, and nothing else of this module.
//
// A [Table] is plain data. [Compile] checks it and makes an [Evaluator] from it:
// immutable, safe for any number of goroutines, and indexed, so that its time
// hardly grows with the rules. There are two ways in. [Evaluator.Eval] takes
// the values in the order of the inputs and does not allocate;
// [Evaluator.EvalMap] takes a map of names, as a server has it.
// [Evaluator.Explain] tells, for one input, which rules matched and why each
// other one did not.
//
// [Analyze] proves what can be said of a table before it decides anything:
// inputs that no rule matches, rules that contradict each other, never fire, or
// could be one.
//
// # Cells
//
// A condition is a [Cell], in text an S-FEEL unary test:
//
//	"a"                     equal; in columns of texts the quotes may be left out
//	"a", "b"                equal to one of them
//	not("a", "b")           equal to none of them
//	> 3, >= 3, < 3, <= 3    order
//	[1..5], (1..5), [1..5)  ranges, closed and open
//	< 3, [5..7], 9          any of several tests
//	null, missing           exactly that
//	empty, or no text       null, missing, or the empty text
//	-                       any value, also null and missing
//
// A cell without text says that the input is empty, in every form of a table: an
// empty cell of CSV or of a workbook, and "" in JSON. It never says any: that is
// a dash. [ParseCell] reads this form and [Cell.String] writes it.
//
// # Null, missing and the empty text
//
// Three things that are easily mixed up are kept apart. Missing is an input
// that the caller did not give: the zero [Value], or a name that is not in the
// map. Null is given, and says that there is no value: [Null], nil in a map,
// null in JSON. The empty text is a text like any other. An input takes missing
// and null only if it is [Input.Optional]; one with allowed values takes the
// empty text only if it is among them.
//
// What a test says of null and missing follows FEEL. Equality holds or does not:
// null equals null alone, missing equals missing alone. Order is unknown: no
// comparison or range holds for either. A negation holds when none of its tests
// holds and none is unknown: not("a") matches null, not(< 3) does not.
//
// # Types and spelling
//
// Each column has a [Type]. Numbers are decimal and exact, 0.1 + 0.2 is 0.3. A
// date-time is an instant; one without offset is read as UTC.
//
// In [LooseString] and [LooseEnum] columns, texts are the same that differ only in
// case, white space, dashes and underscores: SD-WAN, SD WAN, sd_wan and SDWAN.
// They are compared by what is left of them when all white space of Unicode, all
// its dashes and the underscore are taken away and every letter is made small, one
// by one. Nothing else is done: other signs count (SD/WAN, SD.WAN), ß is not ss,
// and a letter with a combining accent is not the one letter with that accent.
// Where nothing is left, the text is the empty one: " ", "-", "_" and "" are the
// same value, and an "empty" condition matches each. So a quoted "-" says empty
// too, and without quotes any. Input, conditions, allowed values and outputs of a
// column are all compared so; two allowed values that are the same by it are
// refused. A LooseEnum gives an output back as it stands in the allowed values, a
// LooseString as it stands in the rule.
//
// # Errors
//
// Every error is an [*Error] that names table, column and rule where it has
// them, and wraps one of the sentinels of this package; [Compile] and
// [Table.Validate] return all defects at once, as [Errors].
package decision
