package schedule

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Parse reads a schedule from JSON and checks it as [Compile] does, but for a Ref, which a [Library] resolves. A field
// that is unknown is refused. It returns an [InvalidError] that names the field and the rule.
func Parse(data []byte) (Schedule, error) {
	var s Schedule
	if err := decode(data, s.UnmarshalJSON); err != nil {
		return Schedule{}, err
	}
	if err := checkUnresolved(s); err != nil {
		return Schedule{}, err
	}
	return s, nil
}

// A Library is schedules by name, which may stand in one another by Ref, as parent or part. Its JSON is
// {"schedules": {"office": {…}, …}}.
type Library map[string]Schedule

// ParseLibrary reads a library from JSON and resolves every schedule in it once, so that one which names a schedule
// that is not there is refused here. It returns an [InvalidError] that names the field and the rule.
func ParseLibrary(data []byte) (Library, error) {
	var library Library
	if err := decode(data, library.UnmarshalJSON); err != nil {
		return nil, err
	}
	if len(library) > MaxLibrary {
		return nil, invalid("schedules", "has more than "+strconv.Itoa(MaxLibrary)+" entries")
	}
	for _, name := range slices.Sorted(maps.Keys(library)) {
		err := checkUnresolved(library[name])
		if err == nil {
			_, err = library.Resolve(name)
		}
		if err != nil {
			return nil, below("schedules."+short(name), err)
		}
	}
	return library, nil
}

// UnmarshalJSON reads {"schedules": {…}}. It checks the form of each field and no more; [ParseLibrary] does.
func (l *Library) UnmarshalJSON(data []byte) error {
	read := Library{}
	err := object(data, "", func(field string, raw json.RawMessage) error {
		if field != "schedules" {
			return errUnknown
		}
		return object(raw, "schedules.", func(name string, raw json.RawMessage) error {
			var s Schedule
			err := s.read(raw, "schedules."+short(name)+".", 1)
			read[name] = s
			return err
		})
	})
	if err != nil {
		return err
	}
	*l = read
	return nil
}

// MarshalJSON returns {"schedules": {…}}.
func (l Library) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Schedules map[string]Schedule `json:"schedules"`
	}{l})
}

// Resolve returns the named schedule with every Ref in it, and in what it refers to, replaced by the schedule that is
// meant. What is returned stands alone: keep it with a clock, and the clock does not change with the library.
//
// It returns an [InvalidError] when a name is unknown, when schedules refer to one another in a circle, and when the
// whole would be past the limits.
func (l Library) Resolve(name string) (Schedule, error) {
	if _, ok := l[name]; !ok {
		return Schedule{}, invalid("ref", quote(name)+" is not in the library")
	}
	r := resolver{library: l}
	return r.resolve(Schedule{Ref: name}, "")
}

type resolver struct {
	library Library
	open    []string // the names that are being resolved
	parts   int
}

func (r *resolver) resolve(s Schedule, path string) (Schedule, error) {
	if r.parts++; r.parts > MaxParts {
		return s, invalid(path+"ref", "makes the schedule one of more than "+strconv.Itoa(MaxParts)+" schedules")
	}
	if s.Ref != "" {
		if err := onlyRef(s, path); err != nil {
			return s, err
		}
		meant, ok := r.library[s.Ref]
		if !ok {
			return s, invalid(path+"ref", quote(s.Ref)+" is not in the library")
		}
		for _, name := range r.open {
			if name == s.Ref {
				return s, invalid(path+"ref", quote(s.Ref)+" refers to itself: "+strings.Join(append(r.open, name), ", "))
			}
		}
		r.open = append(r.open, s.Ref)
		defer func() { r.open = r.open[:len(r.open)-1] }()
		if meant.Name == "" && meant.Ref == "" {
			meant.Name = s.Ref
		}
		return r.resolve(meant, path)
	}
	if strings.Count(path, ".") > MaxDepth {
		return s, invalid(path, "lies more than "+strconv.Itoa(MaxDepth)+" schedules deep")
	}
	if s.Parent != nil {
		parent, err := r.resolve(*s.Parent, path+"parent.")
		if err != nil {
			return s, err
		}
		s.Parent = &parent
	}
	for _, group := range []struct {
		field string
		of    *[]Schedule
	}{{"union", &s.Union}, {"intersect", &s.Intersect}, {"exclude", &s.Exclude}} {
		var parts []Schedule
		for i, part := range *group.of {
			resolved, err := r.resolve(part, path+index(group.field, i)+".")
			if err != nil {
				return s, err
			}
			parts = append(parts, resolved)
		}
		*group.of = parts
	}
	return s, nil
}

// onlyRef returns an error when a schedule that refers to another says anything besides.
func onlyRef(s Schedule, path string) error {
	if s.Name != "" || s.Zone != "" || s.hasHours() || len(s.Breaks)+len(s.Holidays)+len(s.Union)+len(s.Intersect)+len(s.Exclude) > 0 ||
		s.HolidayMode != "" || s.DayLength != 0 || s.Parent != nil {
		return invalid(path+"ref", "stands alone: a schedule that refers to another says nothing else")
	}
	return nil
}

// checkUnresolved checks the schedule, taking what a Ref stands for as given.
func checkUnresolved(s Schedule) error {
	bare, err := bareRefs(s, "", 1)
	if err != nil {
		return err
	}
	return check(bare, zones{})
}

// bareRefs returns the schedule with an empty one in place of every Ref.
func bareRefs(s Schedule, path string, depth int) (Schedule, error) {
	if s.Ref != "" {
		return Schedule{}, onlyRef(s, path)
	}
	if depth > MaxDepth {
		return s, nil // check says so
	}
	if s.Parent != nil {
		parent, err := bareRefs(*s.Parent, path+"parent.", depth+1)
		if err != nil {
			return s, err
		}
		s.Parent = &parent
	}
	for _, group := range []struct {
		field string
		of    *[]Schedule
	}{{"union", &s.Union}, {"intersect", &s.Intersect}, {"exclude", &s.Exclude}} {
		var parts []Schedule
		for i, part := range *group.of {
			bare, err := bareRefs(part, path+index(group.field, i)+".", depth+1)
			if err != nil {
				return s, err
			}
			parts = append(parts, bare)
		}
		*group.of = parts
	}
	return s, nil
}

// below puts the way to a part before the field of an InvalidError.
func below(path string, err error) error {
	var wrong *InvalidError
	if errors.As(err, &wrong) {
		return invalid(strings.TrimSuffix(path+"."+wrong.Field, "."), wrong.Rule)
	}
	return err
}
