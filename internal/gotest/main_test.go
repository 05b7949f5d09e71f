package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReport(t *testing.T) {
	for name, row := range map[string]struct{ events, want string }{
		"passed": {`{"Action":"output","Package":"p","Test":"T","Output":"quiet\n"}
{"Action":"pass","Package":"p","Test":"T"}
{"Action":"output","Package":"p","Output":"PASS\n"}
{"Action":"output","Package":"p","Output":"ok p\n"}
{"Action":"pass","Package":"p"}
`, "ok p\n"},
		"failed": {`{"Action":"output","Package":"p","Test":"T","Output":"    t.go:1: wrong\n"}
{"Action":"fail","Package":"p","Test":"T"}
{"Action":"output","Package":"p","Output":"FAIL p\n"}
{"Action":"fail","Package":"p"}
`, "    t.go:1: wrong\nFAIL p\n"},
		"skipped, told last": {`{"Action":"output","Package":"p","Test":"T","Output":"=== RUN   T\n"}
{"Action":"output","Package":"p","Test":"T","Output":"    t.go:1: NOT TESTED: it\n"}
{"Action":"output","Package":"p","Test":"T","Output":"--- SKIP: T (0.00s)\n"}
{"Action":"skip","Package":"p","Test":"T"}
{"Action":"output","Package":"p","Output":"ok p\n"}
{"Action":"pass","Package":"p"}
`, "ok p\ngradus: skipped: p T: t.go:1: NOT TESTED: it\n"},
		"package without tests": {`{"Action":"output","Package":"p","Output":"? p [no test files]\n"}
{"Action":"skip","Package":"p"}
`, "? p [no test files]\n"},
		"not built": {`{"Action":"build-output","ImportPath":"p","Output":"x.go:1: undefined\n"}
`, "x.go:1: undefined\n"},
		"not JSON": {"panic: oh\n", "panic: oh\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var w strings.Builder
			require.NoError(t, report(strings.NewReader(row.events), &w))
			assert.Equal(t, row.want, w.String())
		})
	}
}

func TestRunFails(t *testing.T) {
	assert.ErrorContains(t, run([]string{"./nowhere"}), "go test: exit status 1")
}
