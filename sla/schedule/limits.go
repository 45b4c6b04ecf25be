package schedule

// The limits on the size of a schedule. What is past them is refused with an [InvalidError].
const (
	MaxJSON    = 4 << 20 // bytes that Parse and ParseLibrary read
	MaxWindows = 100     // windows of one day or rule
	MaxRules   = 2000    // rules, special hours, breaks and holidays of one schedule, each
	MaxDates   = 20000   // dates that all rules of one schedule list
	MaxParts   = 100     // schedules that one is made of: itself, parents, and those of unions, intersections and exclusions
	MaxDepth   = 16      // how deep they may be within one another
	MaxName    = 200     // bytes of a name
)
