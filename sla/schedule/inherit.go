package schedule

// inherit returns the schedule with what it has from its parent, and from the parent's parent.
func inherit(s Schedule) Schedule {
	if s.Parent == nil {
		return s
	}
	p := inherit(*s.Parent)
	child := s
	child.Parent = nil
	if child.Name == "" {
		child.Name = p.Name
	}
	if child.Zone == "" {
		child.Zone = p.Zone
	}
	if child.HolidayMode == "" {
		child.HolidayMode = p.HolidayMode
	}
	if child.DayLength == 0 {
		child.DayLength = p.DayLength
	}
	if !child.Always {
		child.Always = p.Always && len(s.Week) == 0
		child.Week = Week{}
		for d, windows := range p.Week {
			child.Week[d] = windows
		}
		for d, windows := range s.Week {
			child.Week[d] = windows
		}
	}
	child.Rules = chain(p.Rules, s.Rules)
	child.Special = chain(p.Special, s.Special)
	child.Breaks = chain(p.Breaks, s.Breaks)
	child.Holidays = chain(p.Holidays, s.Holidays)
	child.Union = chain(p.Union, s.Union)
	child.Intersect = chain(p.Intersect, s.Intersect)
	child.Exclude = chain(p.Exclude, s.Exclude)
	return child
}

func chain[T any](first, then []T) []T { return append(append([]T(nil), first...), then...) }
