package impact

import "fmt"

// InvalidError says what of the input can not be used. Nothing was calculated
// or counted when it is returned.
type InvalidError struct {
	Field string // where it stands, as `nodes["Vmanage_10001"].relations[0].to`
	Rule  string // the rule that it breaks
}

func (e *InvalidError) Error() string { return "impact: " + e.Field + ": " + e.Rule }

func invalid(field, format string, args ...any) error {
	return &InvalidError{Field: field, Rule: fmt.Sprintf(format, args...)}
}
