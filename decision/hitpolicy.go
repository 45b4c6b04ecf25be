package decision

import "strings"

// HitPolicy says what it means that several rules match. The zero HitPolicy is
// Unique, as in DMN.
type HitPolicy uint8

// The hit policies of DMN, with their letters.
const (
	Unique      HitPolicy = iota // U: at most one rule may match; two are an ErrNotUnique
	First                        // F: the first that matches, in the order of the rules
	Any                          // A: any, since all that match have the same outputs; else ErrUnequal
	Priority                     // P: the one whose outputs come first among the allowed values
	RuleOrder                    // R: all that match, in the order of the rules
	OutputOrder                  // O: all that match, in the order of the outputs' allowed values
	Collect                      // C: all that match, as a list or aggregated
)

// Aggregation says what Collect makes of the outputs of the matching rules.
type Aggregation uint8

// The aggregations. No matching rule gives the default outputs; where there are
// none, nothing, and 0 for Count.
const (
	List  Aggregation = iota // C: no aggregation, a list in the order of the rules
	Sum                      // C+: the sum of numbers, durations or months; null when it does not fit
	Min                      // C<: the least
	Max                      // C>: the greatest
	Count                    // C#: how many rules match
)

var (
	policyNames      = [...]string{"UNIQUE", "FIRST", "ANY", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT"}
	aggregationNames = [...]string{"LIST", "SUM", "MIN", "MAX", "COUNT"}
	policyLetters    = "UFAPROC"
	collectSigns     = [...]string{"", "+", "<", ">", "#"}
)

// String returns the name as DMN spells it: RULE ORDER.
func (p HitPolicy) String() string {
	if int(p) >= len(policyNames) {
		return "none"
	}
	return policyNames[p]
}

// Single reports whether the policy gives the outputs of at most one rule.
func (p HitPolicy) Single() bool { return p <= Priority }

// String returns LIST, SUM, MIN, MAX or COUNT.
func (a Aggregation) String() string {
	if int(a) >= len(aggregationNames) {
		return "none"
	}
	return aggregationNames[a]
}

// HitPolicyLetter returns the sign that DMN draws in the corner of a table: U,
// F, A, P, R, O, C, C+, C<, C> or C#.
func HitPolicyLetter(p HitPolicy, a Aggregation) string {
	if int(p) >= len(policyNames) || int(a) >= len(collectSigns) {
		return ""
	}
	letter := policyLetters[p : p+1]
	if p == Collect {
		letter += collectSigns[a]
	}
	return letter
}

// ParseHitPolicy reads a name or letter, in any case: UNIQUE or U, RULE ORDER or
// R, COLLECT or C, COLLECT SUM or C+. No text is UNIQUE. The error is an
// ErrSyntax.
func ParseHitPolicy(text string) (HitPolicy, Aggregation, error) {
	folded := fold(text)
	if folded == "" {
		return Unique, List, nil
	}
	for p := range HitPolicy(len(policyNames)) {
		if folded == fold(policyNames[p]) || folded == fold(policyLetters[p:p+1]) {
			return p, List, nil
		}
	}
	for a := range Aggregation(len(collectSigns)) {
		if folded == "c"+collectSigns[a] || folded == "collect"+collectSigns[a] || folded == "collect"+fold(aggregationNames[a]) {
			return Collect, a, nil
		}
	}
	return 0, 0, &Error{Kind: ErrSyntax, Reason: "hit policy " + quote(text) + " is none of " + strings.Join(policyNames[:], ", ") +
		", COLLECT SUM, COLLECT MIN, COLLECT MAX, COLLECT COUNT, nor a letter of them"}
}

// MarshalText returns the policy's name.
func (p HitPolicy) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// MarshalText returns the aggregation's name.
func (a Aggregation) MarshalText() ([]byte, error) { return []byte(a.String()), nil }
