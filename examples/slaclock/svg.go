package main

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"time"

	"github.com/forewarn-go/forewarn/sla"
)

// What the picture is made of, in pixels.
const (
	svgLeft   = 200 // for the names
	svgBars   = 1000
	svgRow    = 44
	svgBar    = 18
	svgHead   = 60
	svgMargin = 20
)

var svgColours = map[string]string{"counted": "#2e7d32", "late": "#c62828", "closed": "#e0e0e0", "paused": "#90caf9", "next": "#a5d6a7"}

// picture writes the clocks as an SVG image: a row for each, one scale of time for all.
func picture(out io.Writer, s *story) error {
	if len(s.clocks) == 0 {
		return fmt.Errorf("%s: there is no clock to draw", s.title)
	}
	from, to := bounds(s.clocks)
	x := func(t time.Time) float64 {
		return svgLeft + float64(t.Sub(from))/float64(to.Sub(from))*svgBars
	}
	var b bytes.Buffer
	width, height := svgLeft+svgBars+svgMargin, svgHead+svgRow*len(s.clocks)+50
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="sans-serif" font-size="11">`+"\n",
		width, height, width, height)
	fmt.Fprintf(&b, "<title>%s</title>\n", html.EscapeString(s.title))
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#ffffff"/>`+"\n", width, height)
	fmt.Fprintf(&b, `<text x="%d" y="18" font-size="13">%s</text>`+"\n", svgMargin, html.EscapeString(s.title))
	axis(&b, x, from, to, height)
	for i, c := range s.clocks {
		row(&b, x, c, svgHead+i*svgRow)
	}
	legend(&b, height)
	b.WriteString("</svg>\n")
	_, err := out.Write(b.Bytes())
	return err
}

// bounds returns the time that all clocks lie in.
func bounds(clocks []sla.Explanation) (from, to time.Time) {
	from, to = clocks[0].Start, clocks[0].At
	for _, c := range clocks {
		if c.Start.Before(from) {
			from = c.Start
		}
		ends := []time.Time{c.At}
		if n := len(c.Spans); n > 0 {
			ends = append(ends, c.Spans[n-1].To)
		}
		for _, t := range ends {
			if t.After(to) {
				to = t
			}
		}
	}
	if !to.After(from) {
		to = from.Add(time.Second)
	}
	return from, to
}

// axis draws lines at round instants, at most a dozen.
func axis(b *bytes.Buffer, x func(time.Time) float64, from, to time.Time, height int) {
	step := time.Minute
	for _, s := range []time.Duration{5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
		48 * time.Hour, 7 * 24 * time.Hour, 14 * 24 * time.Hour, 30 * 24 * time.Hour, 90 * 24 * time.Hour, 365 * 24 * time.Hour} {
		step = s
		if to.Sub(from)/s <= 12 {
			break
		}
	}
	for to.Sub(from)/step > 12 {
		step *= 2
	}
	form := "01-02 15:04"
	if step >= 24*time.Hour {
		form = "2006-01-02"
	}
	for t := from.UTC().Truncate(step); !t.After(to); t = t.Add(step) {
		if t.Before(from) {
			continue
		}
		fmt.Fprintf(b, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="#bdbdbd" stroke-width="0.5"/>`, x(t), svgHead-10, x(t), height-40)
		fmt.Fprintf(b, `<text x="%.1f" y="%d" fill="#616161" text-anchor="middle">%s</text>`+"\n", x(t), svgHead-16, t.Format(form))
	}
}

// row draws one clock: its spans, where it turned, its deadline and the instant of the report.
func row(b *bytes.Buffer, x func(time.Time) float64, c sla.Explanation, y int) {
	state := string(c.Stage)
	if c.HasBreached {
		state += ", breached"
	}
	fmt.Fprintf(b, `<text x="%d" y="%d">%s</text>`, svgMargin, y+13, html.EscapeString(c.Definition))
	fmt.Fprintf(b, `<text x="%d" y="%d" fill="#616161">%s</text>`+"\n", svgMargin, y+27, html.EscapeString(state))
	for _, s := range c.Spans {
		for _, part := range split(s, c.Breach) {
			fmt.Fprintf(b, `<rect x="%.2f" y="%d" width="%.2f" height="%d" fill="%s"><title>%s to %s: %s, used %s</title></rect>`+"\n",
				x(part.From), y, max(x(part.To)-x(part.From), 0.3), svgBar, colour(part, c.Breach), instant(s.From), instant(s.To),
				html.EscapeString(s.Why), s.Used)
		}
	}
	for _, t := range c.Turns {
		fmt.Fprintf(b, `<circle cx="%.2f" cy="%d" r="3" fill="#424242"><title>%s %s</title></circle>`+"\n", x(t.At), y+svgBar+5, instant(t.At), html.EscapeString(t.What))
	}
	mark := func(t time.Time, colour, what string) {
		fmt.Fprintf(b, `<line x1="%.2f" y1="%d" x2="%.2f" y2="%d" stroke="%s" stroke-width="2"><title>%s %s</title></line>`+"\n", x(t), y-5, x(t), y+svgBar+5, colour, what, instant(t))
	}
	if !c.Breach.IsZero() && c.Stop.IsZero() || c.HasBreached {
		mark(c.Breach, "#c62828", "deadline")
	}
	if !c.Stop.IsZero() {
		mark(c.Stop, "#1565c0", "stop")
	}
}

// split cuts a span at the deadline.
func split(s sla.Span, deadline time.Time) []sla.Span {
	if !s.Counted || !deadline.After(s.From) || !deadline.Before(s.To) {
		return []sla.Span{s}
	}
	before, after := s, s
	before.To, after.From = deadline, deadline
	return []sla.Span{before, after}
}

func colour(s sla.Span, deadline time.Time) string {
	switch {
	case s.Counted && s.Projected:
		return svgColours["next"]
	case s.Counted && !deadline.IsZero() && !s.From.Before(deadline):
		return svgColours["late"]
	case s.Counted:
		return svgColours["counted"]
	case len(s.Why) > 6 && (s.Why[:6] == "paused" || s.Why[:4] == "held"):
		return svgColours["paused"]
	}
	return svgColours["closed"]
}

func legend(b *bytes.Buffer, height int) {
	for i, l := range []struct{ colour, text string }{{"counted", "counted"}, {"late", "past the target"}, {"closed", "closed"},
		{"paused", "paused"}, {"next", "counted next, if nothing happens"}} {
		fmt.Fprintf(b, `<rect x="%d" y="%d" width="12" height="12" fill="%s"/><text x="%d" y="%d">%s</text>`+"\n",
			svgLeft+i*160, height-25, svgColours[l.colour], svgLeft+i*160+18, height-15, l.text)
	}
}
