package schedule

// Fresh returns the calendar as it is before it was asked anything.
func Fresh(c *Calendar) *Calendar {
	return &Calendar{root: c.root, location: c.location, dayLength: c.dayLength}
}

// Change is change, for what time.Time.ZoneBounds cannot be brought to do.
var Change = change
