package shaders

import (
	"fmt"
	"regexp"
	"strings"
)

// WGSL has no includes. A function that a file takes from another stands in it as one line that is valid by itself,
//
//	fn f(v: f32) -> f32 { return v; } // activation.wgsl's
//
// in whose place Source puts the other file's, with the functions and constants that it needs.
var (
	borrowed = regexp.MustCompile(`(?m)^fn (\w+)\(.*\} // (\w+)\.wgsl's\n`)
	function = regexp.MustCompile(`(?m)^fn (\w+)(\([^)]*\)).*(?:\}|\{(?s:.*?)^\})\n`)
	constant = regexp.MustCompile(`(?m)^const (\w+): .*;.*\n`)
)

// linked returns a file's text with the functions that it borrows.
func linked(text string) (string, error) {
	for {
		m := borrowed.FindStringSubmatch(text)
		if m == nil {
			return text, nil
		}
		lender, err := files.ReadFile(m[2] + ".wgsl")
		if err != nil {
			return "", fmt.Errorf("shaders: %q: there is no such file", strings.TrimSpace(m[0]))
		}
		loan := needed(string(lender), m[1], text)
		if loan == "" {
			return "", fmt.Errorf("shaders: %q: it has no such function", strings.TrimSpace(m[0]))
		}
		text = strings.Replace(text, m[0], loan, 1)
	}
}

// needed returns a lender's function, before it those that it calls, and before them the constants that they name, but for what the
// borrower has itself.
func needed(lender, name, borrower string) string {
	own := borrowed.ReplaceAllString(borrower, "")
	var code string
	wanted := map[string]bool{name: true}
	list := function.FindAllStringSubmatch(lender, -1)
	for i := len(list) - 1; i >= 0; i-- { // WGSL has no order, but ours stand before they are called
		if m := list[i]; wanted[m[1]] && !regexp.MustCompile(`(?m)^fn `+m[1]+`\(`).MatchString(own) {
			code = m[0] + "\n" + code
			for _, called := range regexp.MustCompile(`\b(\w+)\(`).FindAllStringSubmatch(m[0], -1) {
				wanted[called[1]] = true
			}
		}
	}
	var constants string
	for _, m := range constant.FindAllStringSubmatch(lender, -1) {
		if regexp.MustCompile(`\b`+m[1]+`\b`).MatchString(code) && !regexp.MustCompile(`(?m)^const `+m[1]+`:`).MatchString(own) {
			constants += m[0]
		}
	}
	if code == "" {
		return ""
	}
	return constants + "\n" + strings.TrimSuffix(code, "\n")
}
