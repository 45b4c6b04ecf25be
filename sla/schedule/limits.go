package schedule

// The limits on the size of a schedule. What is past them is refused with an [InvalidError].
const (
	MaxJSON    = 4 << 20 // bytes that Parse and ParseLibrary read
	MaxWindows = 2000    // windows of a schedule, with those of all that it is made of
	MaxRules   = 2000    // its rules, special hours, breaks and holidays, together
	MaxDates   = 20000   // dates that these list
	MaxParts   = 100     // schedules that it is made of: itself, parents, and those of unions, intersections and exclusions
	MaxDepth   = 16      // how deep they may be within one another
	MaxLibrary = 2000    // schedules of a library
	MaxName    = 200     // bytes of a name
)
