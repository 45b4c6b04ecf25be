package schedule

import (
	"cmp"
	"slices"
)

// The functions of this file take and return lists of spans that are sorted, do not touch and are not empty.

// join appends a span whose start is not before that of the last one; spans that touch or overlap become one.
func join(list []span, s span) []span {
	if s.start >= s.end {
		return list
	}
	if n := len(list); n > 0 && s.start <= list[n-1].end {
		list[n-1].end = max(list[n-1].end, s.end)
		return list
	}
	return append(list, s)
}

// merge sorts spans of any order and joins them.
func merge(list []span) []span {
	slices.SortFunc(list, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	joined := list[:0]
	for _, s := range list {
		joined = join(joined, s)
	}
	return joined
}

// union returns what is in a or in b.
func union(a, b []span) []span {
	if len(a) == 0 {
		return b
	}
	if len(b) == 0 {
		return a
	}
	list := make([]span, 0, len(a)+len(b))
	for len(a) > 0 || len(b) > 0 {
		if len(b) == 0 || len(a) > 0 && a[0].start <= b[0].start {
			list, a = join(list, a[0]), a[1:]
		} else {
			list, b = join(list, b[0]), b[1:]
		}
	}
	return list
}

// intersect returns what is in a and in b.
func intersect(a, b []span) []span {
	var list []span
	for len(a) > 0 && len(b) > 0 {
		list = join(list, span{max(a[0].start, b[0].start), min(a[0].end, b[0].end)})
		if a[0].end < b[0].end {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return list
}

// subtract returns what is in a and not in b.
func subtract(a, b []span) []span {
	if len(b) == 0 {
		return a
	}
	list := make([]span, 0, len(a))
	for _, s := range a {
		for len(b) > 0 && b[0].end <= s.start {
			b = b[1:]
		}
		for _, hole := range b {
			if hole.start >= s.end {
				break
			}
			list = join(list, span{s.start, hole.start})
			s.start = hole.end
		}
		list = join(list, s)
	}
	return list
}
