// Command benchtable reads what go test -bench prints and prints it as a table, line by line as it comes; what is no result is passed on.
//
//	go test -run '^$' -bench . ./bench | go run ./internal/benchtable
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
)

func main() {
	failed, err := table(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchtable:", err)
		os.Exit(1)
	}
	if failed {
		os.Exit(1)
	}
}

// columns are the metrics that have a column of their own; others follow in words.
var columns = []string{"ms", "GFLOP/s", "GB/s", "%limit"}

// hidden are metrics that say nothing more.
var hidden = map[string]bool{"ns/op": true, "steps/s": true}

var (
	result = regexp.MustCompile(`^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+([-\d].*)$`)
	begun  = regexp.MustCompile(`^(Benchmark\S+)[ \t]+(.*)$`)
	rest   = regexp.MustCompile(`^\s+\d+\t\s*[-\d.]+ \S`)
	noise  = regexp.MustCompile(`^(goos|goarch|pkg|cpu|PASS|ok)\b`)
)

// table reports whether a line said that a benchmark failed.
func table(in io.Reader, out io.Writer) (failed bool, err error) {
	lines, headed, name := bufio.NewScanner(in), false, ""
	for lines.Scan() {
		line := lines.Text()
		if rest.MatchString(line) { // what the benchmark printed came between its name and its result
			line = name + line
		}
		m := result.FindStringSubmatch(line)
		if b := begun.FindStringSubmatch(line); m == nil && b != nil {
			if name, line = b[1], b[2]; line == "" {
				continue
			}
		}
		switch {
		case m != nil:
			if !headed {
				headed = true
				fmt.Fprintln(out, row("benchmark", "device", columns, ""))
			}
			fmt.Fprintln(out, format(m[1], m[2]))
		case strings.HasPrefix(line, "--- FAIL"), strings.HasPrefix(line, "FAIL"):
			failed = true
			fmt.Fprintln(out, line)
		case strings.Contains(line, "NOT TIMED"):
			fmt.Fprintln(out, strings.TrimSpace(line))
		case !noise.MatchString(line) && !strings.HasPrefix(line, "Benchmark") && !strings.HasPrefix(line, "--- "):
			fmt.Fprintln(out, line)
		}
	}
	return failed, lines.Err()
}

// format lays out one result: its metrics are pairs of a number and a unit.
func format(name, metrics string) string {
	bench, device := name, ""
	if i := strings.LastIndex(name, "/"); i >= 0 {
		bench, device = name[:i], name[i+1:]
	}
	fields, values, rest := strings.Fields(metrics), map[string]string{}, ""
	for i := 0; i+1 < len(fields); i += 2 {
		unit := fields[i+1]
		values[unit] = rounded(fields[i])
		known := hidden[unit]
		for _, c := range columns {
			known = known || c == unit
		}
		if !known {
			rest += "  " + values[unit] + " " + unit
		}
	}
	var cells []string
	for _, c := range columns {
		cells = append(cells, values[c])
	}
	return row(bench, device, cells, strings.TrimSpace(rest))
}

func row(bench, device string, cells []string, rest string) string {
	line := fmt.Sprintf("%-34s %-13s", bench, device)
	for _, c := range cells {
		line += fmt.Sprintf(" %9s", c)
	}
	if rest != "" {
		line += "  " + rest
	}
	return strings.TrimRight(line, " ")
}

// rounded has four digits.
func rounded(number string) string {
	v, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return number
	}
	digits := 4
	for limit := 1.0; digits > 0 && (v >= limit || v <= -limit); limit *= 10 {
		digits--
	}
	return strconv.FormatFloat(v, 'f', digits, 64)
}
