package decision

import "strings"

// Type says what values a column holds, and how they are compared.
type Type uint8

// The types of columns. The zero Type is none and no column may have it.
const (
	// String holds any text, compared byte by byte.
	String Type = iota + 1
	// LooseString holds any text; case, white space, dashes and underscores do not
	// tell texts apart, and a text of nothing else is the empty text. The package's
	// documentation says exactly what is compared.
	LooseString
	// Enum holds one of the column's allowed values, which it must have.
	Enum
	// LooseEnum is an Enum whose values are recognised in any spelling, as those
	// of LooseString, and given back in that of the allowed values.
	LooseEnum
	// Number holds decimal numbers, exact.
	Number
	// Boolean holds true or false.
	Boolean
	// Date holds days of the calendar.
	Date
	// Time holds times of the day without offset, exact to the nanosecond.
	Time
	// DateTime holds instants, exact to the nanosecond.
	DateTime
	// Duration holds lengths of time in days and shorter units, exact to the
	// nanosecond, up to 292 years.
	Duration
	// Months holds lengths of time in months and years.
	Months
)

var typeNames = [...]string{"none", "string", "loose string", "enum", "loose enum", "number", "boolean", "date", "time", "date-time", "duration", "months"}

// String returns the type's name, as ParseType reads it.
func (t Type) String() string {
	if int(t) >= len(typeNames) {
		return typeNames[0]
	}
	return typeNames[t]
}

// ParseType returns the type of a name, in any case: string, loose string, enum,
// loose enum, number, boolean, date, time, date-time, duration, months. It also
// knows the names of DMN: dateTime, dayTimeDuration, yearMonthDuration and their
// forms with spaces. The error is an ErrSyntax.
func ParseType(name string) (Type, error) {
	folded := fold(name)
	for i, known := range typeNames[1:] {
		if folded == fold(known) {
			return Type(i + 1), nil
		}
	}
	switch folded {
	case "dateandtime":
		return DateTime, nil
	case "daytimeduration", "daysandtimeduration":
		return Duration, nil
	case "yearmonthduration", "yearsandmonthsduration":
		return Months, nil
	}
	return 0, &Error{Kind: ErrSyntax, Reason: "type " + quote(name) + " is none of " + strings.Join(typeNames[1:], ", ")}
}

// MarshalText returns the type's name.
func (t Type) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads what ParseType reads.
func (t *Type) UnmarshalText(text []byte) (err error) {
	*t, err = ParseType(string(text))
	return err
}

// IsText reports whether the type's values are texts.
func (t Type) IsText() bool { return t >= String && t <= LooseEnum }

// IsLoose reports whether spelling does not tell the type's values apart.
func (t Type) IsLoose() bool { return t == LooseString || t == LooseEnum }

// IsOrdered reports whether comparisons and ranges are defined on the type.
func (t Type) IsOrdered() bool { return t == Number || t >= Date && t <= Months }

func (t Type) valid() bool { return t >= String && t <= Months }
