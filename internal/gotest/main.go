// Command gotest runs go test on the packages given and lists, at its end, what the tests skipped: go test hides the reasons of skips.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gotest:", err)
		os.Exit(1)
	}
}

// run fails when go test does.
func run(packages []string) error {
	cmd := exec.Command("go", append([]string{"test", "-json"}, packages...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	unread := report(out, os.Stdout)
	_, drained := io.Copy(io.Discard, out)
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("go test: %w", err)
	}
	if unread != nil {
		return unread
	}
	return drained
}

// An event is a line of go test -json (go doc test2json).
type event struct{ Action, Package, Test, Output string }

// A test is a test of a package; the package itself has no name.
type test struct{ pkg, name string }

// report prints the verdict on each package, everything that a failed test or package printed, and then the skipped tests with their reasons.
func report(in io.Reader, w io.Writer) error {
	output, skips := map[test]string{}, ""
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			skips += handle(line, output, w)
		}
		if err == io.EOF {
			fmt.Fprint(w, skips)
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// handle takes in a line, prints what it decides, and returns the reason of a skip. What is no event is printed as it is.
func handle(line []byte, output map[test]string, w io.Writer) (skip string) {
	var e event
	if json.Unmarshal(line, &e) != nil {
		fmt.Fprintf(w, "%s", line)
		return ""
	}
	at := test{e.Package, e.Test}
	switch {
	case e.Action == "build-output":
		fmt.Fprint(w, e.Output)
	case e.Action == "output":
		output[at] += e.Output
	case e.Action == "fail", e.Test == "" && (e.Action == "pass" || e.Action == "skip"):
		fmt.Fprint(w, strings.TrimPrefix(output[at], "PASS\n"))
	case e.Action == "skip":
		skip = fmt.Sprintf("gradus: skipped: %s %s: %s\n", e.Package, e.Test, reason(output[at]))
	}
	return skip
}

// frame is what go test writes around a test's own words.
var frame = regexp.MustCompile(`^\s*(=== |--- )`)

// reason returns what a test said of its skip.
func reason(output string) string {
	var words []string
	for _, line := range strings.Split(output, "\n") {
		if line = strings.TrimSpace(line); line != "" && !frame.MatchString(line) {
			words = append(words, line)
		}
	}
	return strings.Join(words, " ")
}
