package main

import (
	"slices"
	"strings"
	"testing"
)

// stream is what go test -json says of a package with a test of each fate.
const stream = `{"Action":"start","Package":"m/p"}
{"Action":"run","Package":"m/p","Test":"TestGood"}
{"Action":"output","Package":"m/p","Test":"TestGood","Output":"=== RUN   TestGood\n"}
{"Action":"output","Package":"m/p","Test":"TestGood","Output":"    p_test.go:1: chatter\n"}
{"Action":"pass","Package":"m/p","Test":"TestGood"}
{"Action":"run","Package":"m/p","Test":"TestSkip"}
{"Action":"output","Package":"m/p","Test":"TestSkip","Output":"    p_test.go:2: no Kafka\n"}
{"Action":"output","Package":"m/p","Test":"TestSkip","Output":"--- SKIP: TestSkip (0.00s)\n"}
{"Action":"skip","Package":"m/p","Test":"TestSkip"}
{"Action":"run","Package":"m/p","Test":"TestHollow"}
{"Action":"run","Package":"m/p","Test":"TestHollow/sub"}
{"Action":"output","Package":"m/p","Test":"TestHollow/sub","Output":"    p_test.go:3: no data\n"}
{"Action":"skip","Package":"m/p","Test":"TestHollow/sub"}
{"Action":"pass","Package":"m/p","Test":"TestHollow"}
{"Action":"run","Package":"m/p","Test":"TestHalf"}
{"Action":"run","Package":"m/p","Test":"TestHalf/a"}
{"Action":"skip","Package":"m/p","Test":"TestHalf/a"}
{"Action":"run","Package":"m/p","Test":"TestHalf/b"}
{"Action":"pass","Package":"m/p","Test":"TestHalf/b"}
{"Action":"pass","Package":"m/p","Test":"TestHalf"}
`

func read(t *testing.T, stream string) (*report, string) {
	t.Helper()
	var out strings.Builder
	r := newReport(&out)
	if err := r.read(strings.NewReader(stream)); err != nil {
		t.Fatal(err)
	}
	return r, out.String()
}

func TestReportOfAPackageThatPasses(t *testing.T) {
	r, out := read(t, stream+`{"Action":"output","Package":"m/p","Output":"PASS\n"}
{"Action":"output","Package":"m/p","Output":"ok  \tm/p\t0.01s\n"}
{"Action":"pass","Package":"m/p"}
`)
	want := "--- SKIP: TestSkip: p_test.go:2: no Kafka\n" +
		"--- SKIP: TestHollow/sub: p_test.go:3: no data\n" +
		"--- SKIP: TestHalf/a: no reason given\n" +
		"ok  \tm/p\t0.01s\n"
	if out != want {
		t.Errorf("shown:\n%swant:\n%s", out, want)
	}
	if want := []string{"m/p.TestGood", "m/p.TestHalf"}; !slices.Equal(r.passed, want) {
		t.Errorf("passed %v, want %v: a test that was skipped whole shows nothing", r.passed, want)
	}
	if r.passes != 2 || r.skipped != 2 || r.failed != 0 {
		t.Errorf("%d passed, %d skipped, %d failed; want 2, 2, 0", r.passes, r.skipped, r.failed)
	}
}

func TestReportOfAFailure(t *testing.T) {
	r, out := read(t, stream+`{"Action":"run","Package":"m/p","Test":"TestBad"}
{"Action":"output","Package":"m/p","Test":"TestBad","Output":"    p_test.go:9: got 1, want 2\n"}
{"Action":"output","Package":"m/p","Test":"TestBad","Output":"--- FAIL: TestBad (0.00s)\n"}
{"Action":"fail","Package":"m/p","Test":"TestBad"}
{"Action":"output","Package":"m/p","Output":"FAIL\n"}
{"Action":"output","Package":"m/p","Output":"FAIL\tm/p\t0.01s\n"}
{"Action":"fail","Package":"m/p"}
`)
	for _, want := range []string{"got 1, want 2\n--- FAIL: TestBad", "FAIL\tm/p\t0.01s\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "chatter") {
		t.Errorf("the log of a test that passed is shown:\n%s", out)
	}
	if r.failed != 1 {
		t.Errorf("%d failed, want 1", r.failed)
	}
}

func TestReportOfAProcessThatDied(t *testing.T) {
	r, out := read(t, stream+`{"Action":"run","Package":"m/p","Test":"TestLost"}
{"Action":"output","Package":"m/p","Test":"TestLost","Output":"panic: out of luck\n"}
{"Action":"output","Package":"m/p","Output":"FAIL\tm/p\t0.01s\n"}
{"Action":"fail","Package":"m/p"}
`)
	if !strings.Contains(out, "TestLost") || !strings.Contains(out, "out of luck") || r.failed != 1 {
		t.Errorf("%d failed, want the one that did not end:\n%s", r.failed, out)
	}
}

func TestReportShowsWhatIsNoEvent(t *testing.T) {
	_, out := read(t, "go: downloading something\n{\"Action\":\"build-output\",\"ImportPath\":\"m/q\",\"Output\":\"q.go:1: no\\n\"}\n")
	if want := "go: downloading something\nq.go:1: no\n"; out != want {
		t.Errorf("shown %q, want %q", out, want)
	}
}
