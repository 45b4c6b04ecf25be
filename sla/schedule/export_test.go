package schedule

// Fresh returns the calendar as it is before it was asked anything.
func Fresh(c *Calendar) *Calendar {
	return &Calendar{root: c.root, location: c.location, dayLength: c.dayLength}
}
