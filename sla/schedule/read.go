package schedule

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
)

// Schedules are read by hand, field by field, because encoding/json does not say in which entry of a list it met what it
// could not read, takes a field that is given twice, and looks at names without regard to case.

// UnmarshalJSON reads a schedule strictly: it refuses fields that are unknown or given twice, and null. It does not
// check more than the form of each field; [Parse] does. It returns an [InvalidError] that names the field and the rule.
func (s *Schedule) UnmarshalJSON(data []byte) error {
	var read Schedule
	if err := read.read(data, "", 1); err != nil {
		return err
	}
	*s = read
	return nil
}

func (s *Schedule) read(data []byte, path string, depth int) error {
	if depth > MaxDepth {
		return invalid(strings.TrimSuffix(path, "."), "lies more than "+strconv.Itoa(MaxDepth)+" schedules deep")
	}
	return object(data, path, func(field string, raw json.RawMessage) error {
		at := path + field
		switch field {
		case "ref":
			return named(raw, at, &s.Ref)
		case "name":
			return leaf(raw, at, &s.Name)
		case "zone":
			return named(raw, at, &s.Zone)
		case "always":
			return leaf(raw, at, &s.Always)
		case "week":
			s.Week = Week{}
			return s.Week.read(raw, at+".")
		case "rules":
			return list(raw, at, &s.Rules, (*Rule).read)
		case "special":
			return list(raw, at, &s.Special, (*Rule).read)
		case "breaks":
			return list(raw, at, &s.Breaks, (*Rule).read)
		case "holidays":
			return list(raw, at, &s.Holidays, (*Holiday).read)
		case "holiday_mode":
			return leaf(raw, at, &s.HolidayMode)
		case "day_length":
			return leaf(raw, at, &s.DayLength)
		case "parent":
			s.Parent = new(Schedule)
			return s.Parent.read(raw, at+".", depth+1)
		}
		part := func(s *Schedule, raw []byte, path string) error { return s.read(raw, path+".", depth+1) }
		switch field {
		case "union":
			return list(raw, at, &s.Union, part)
		case "intersect":
			return list(raw, at, &s.Intersect, part)
		case "exclude":
			return list(raw, at, &s.Exclude, part)
		}
		return errUnknown
	})
}

// UnmarshalJSON reads an object with the days mon to sun, each a list of windows.
func (w *Week) UnmarshalJSON(data []byte) error {
	read := Week{}
	if err := read.read(data, ""); err != nil {
		return err
	}
	*w = read
	return nil
}

// UnmarshalJSON reads a rule as a schedule's UnmarshalJSON does.
func (r *Rule) UnmarshalJSON(data []byte) error {
	var read Rule
	if err := read.read(data, ""); err != nil {
		return err
	}
	*r = read
	return nil
}

// UnmarshalJSON reads a holiday as a schedule's UnmarshalJSON does.
func (h *Holiday) UnmarshalJSON(data []byte) error {
	var read Holiday
	if err := read.read(data, ""); err != nil {
		return err
	}
	*h = read
	return nil
}

// UnmarshalJSON reads a list of names.
func (d *Days) UnmarshalJSON(data []byte) error {
	var read []time.Weekday
	if err := list(data, "", &read, readDay); err != nil {
		return err
	}
	*d = read
	return nil
}

func readDay(d *time.Weekday, raw []byte, path string) error {
	var name string
	if err := leaf(raw, path, &name); err != nil {
		return err
	}
	day, ok := dayNamed(name)
	if !ok {
		return invalid(path, quote(name)+" is not a day of the week: mon, tue, wed, thu, fri, sat, sun")
	}
	*d = day
	return nil
}

func (w Week) read(data []byte, path string) error {
	return object(data, path, func(field string, raw json.RawMessage) error {
		day, ok := dayNamed(field)
		if !ok {
			return errUnknown
		}
		windows := []Window{}
		err := leaves(raw, path+field, &windows)
		w[day] = windows
		return err
	})
}

func (r *Rule) read(data []byte, path string) error {
	path = prefix(path)
	return object(data, path, func(field string, raw json.RawMessage) error {
		switch field {
		case "name":
			return leaf(raw, path+"name", &r.Name)
		case "hours":
			return leaves(raw, path+"hours", &r.Hours)
		}
		return r.On.read(field, raw, path)
	})
}

func (h *Holiday) read(data []byte, path string) error {
	path = prefix(path)
	return object(data, path, func(field string, raw json.RawMessage) error {
		if field == "name" {
			return leaf(raw, path+"name", &h.Name)
		}
		return h.On.read(field, raw, path)
	})
}

// prefix returns the way to a value as that to its fields begins.
func prefix(path string) string {
	if path == "" {
		return ""
	}
	return path + "."
}

// read reads one field.
func (on *On) read(field string, raw json.RawMessage, path string) error {
	at := path + field
	switch field {
	case "dates":
		return leaves(raw, at, &on.Dates)
	case "yearly":
		return leaf(raw, at, &on.Yearly)
	case "months":
		return leaves(raw, at, &on.Months)
	case "day":
		return leaf(raw, at, &on.Day)
	case "weekdays":
		return list(raw, at, (*[]time.Weekday)(&on.Weekdays), readDay)
	case "nth":
		return leaf(raw, at, &on.Nth)
	case "easter":
		on.Easter = new(int)
		return leaf(raw, at, on.Easter)
	case "from":
		return leaf(raw, at, &on.From)
	case "to":
		return leaf(raw, at, &on.To)
	case "observed":
		return leaf(raw, at, &on.Observed)
	}
	return errUnknown
}

// errUnknown is what a reader of fields returns for one that it does not know.
var errUnknown = errors.New("is not a field of it")

// object calls field for each field of a JSON object; path ends in a dot, or is empty.
func object(data []byte, path string, field func(name string, raw json.RawMessage) error) error {
	in := json.NewDecoder(bytes.NewReader(data))
	token, err := in.Token()
	if err != nil {
		return unreadable(path, err)
	}
	if token != json.Delim('{') {
		return invalid(strings.TrimSuffix(path, "."), "is not a JSON object")
	}
	seen := map[string]bool{}
	for in.More() {
		token, err := in.Token()
		if err != nil {
			return unreadable(path, err)
		}
		name, _ := token.(string)
		if seen[name] {
			return invalid(path+short(name), "is given twice")
		}
		seen[name] = true
		var raw json.RawMessage
		if err := in.Decode(&raw); err != nil {
			return unreadable(path+short(name), err)
		}
		switch err := field(name, raw); {
		case errors.Is(err, errUnknown):
			return invalid(path+short(name), "is not a field that can stand here")
		case err != nil:
			return err
		}
	}
	if _, err := in.Token(); err != nil {
		return unreadable(path, err)
	}
	return nil
}

// leaf reads one value that is not made of others.
func leaf(raw json.RawMessage, path string, into any) error {
	if string(raw) == "null" {
		return invalid(path, "is null: leave it out instead")
	}
	err := json.Unmarshal(raw, into)
	if err == nil {
		return nil
	}
	var text *textError
	if errors.As(err, &text) {
		return invalid(path, text.Error())
	}
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return invalid(path, "cannot be a JSON "+kind.Value)
	}
	return invalid(path, strings.TrimPrefix(err.Error(), "json: "))
}

// named reads a text that is not empty.
func named(raw json.RawMessage, path string, into *string) error {
	err := leaf(raw, path, into)
	if err == nil && *into == "" {
		return invalid(path, "is empty: leave it out instead")
	}
	return err
}

// leaves reads a list of such values.
func leaves[T any](raw json.RawMessage, path string, into *[]T) error {
	return list(raw, path, into, func(value *T, raw []byte, path string) error { return leaf(raw, path, value) })
}

// list reads a JSON list, each entry by the reader.
func list[T any](data []byte, path string, into *[]T, read func(entry *T, raw []byte, path string) error) error {
	var raws []json.RawMessage
	if len(data) == 0 || data[0] != '[' || json.Unmarshal(data, &raws) != nil {
		return invalid(path, "is not a JSON list")
	}
	entries := make([]T, len(raws))
	for i, raw := range raws {
		if err := read(&entries[i], raw, index(path, i)); err != nil {
			return err
		}
	}
	*into = entries
	return nil
}

// decode reads the one JSON value that the data is.
func decode(data []byte, read func([]byte) error) error {
	if len(data) > MaxJSON {
		return invalid("", "is larger than "+strconv.Itoa(MaxJSON)+" bytes")
	}
	in := json.NewDecoder(bytes.NewReader(data))
	var whole json.RawMessage
	if err := in.Decode(&whole); err != nil {
		return unreadable("", err)
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return invalid("", "is followed by something else")
	}
	return read(whole)
}

func unreadable(path string, err error) error {
	return invalid(strings.TrimSuffix(path, "."), "is not JSON: "+strings.TrimPrefix(err.Error(), "json: "))
}

// short cuts a name that somebody else has given.
func short(name string) string {
	const most = 40
	if len(name) > most {
		return name[:most] + "…"
	}
	return name
}
