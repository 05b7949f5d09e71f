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
// in whose place Source puts the other file's, with the functions, constants and workgroup memory that it needs. The borrower's own come first: one
// that borrows main, with the attribute before it, and has a store of its own, is the other kernel with another end.
var (
	borrowed = regexp.MustCompile(`(?m)^(?:@.*\n)?fn (\w+)\(.*\} // (\w+)\.wgsl's\n`)
	function = regexp.MustCompile(`(?m)^(?:@.*\n)?fn (\w+)(\([^)]*\)).*(?:\}|\{(?s:.*?)^\})\n`)
	constant = regexp.MustCompile(`(?m)^(?:const|var<workgroup>) (\w+): .*;.*\n`)
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
		whole, err := linked(string(lender))
		if err != nil {
			return "", err
		}
		loan := needed(whole, m[1], text)
		if loan == "" {
			return "", fmt.Errorf("shaders: %q: it has no such function", strings.TrimSpace(m[0]))
		}
		text = strings.Replace(text, m[0], loan, 1)
	}
}

// needed returns a lender's function, before it those that it calls, and before them the constants and memory that they name, but for what the
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
	if code == "" {
		return ""
	}
	return declared(lender, code, own) + "\n" + strings.TrimSuffix(code, "\n")
}

// declared returns the lender's constants and workgroup memory that its code names, or that those name, but for what the borrower has itself.
func declared(lender, code, own string) (lines string) {
	list := constant.FindAllStringSubmatch(lender, -1)
	for i := len(list) - 1; i >= 0; i-- { // they too stand before they are named
		m := list[i]
		if regexp.MustCompile(`\b`+m[1]+`\b`).MatchString(lines+code) && !regexp.MustCompile(`(?m)^(?:const|var<workgroup>) `+m[1]+`:`).MatchString(own) {
			lines = m[0] + lines
		}
	}
	return lines
}
