package neon

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// known are encodings as the manual and disassemblers show them.
func TestKnown(t *testing.T) {
	assert.Equal(t, "\tWORD $0x4f9b1300 // fmla v0.4s, v24.4s, v27.s[0]\n", Word("FMLA0", 0, 24, 27))
	assert.Equal(t, "\tWORD $0xbc62683b // ldr s27, [x1, x2]\n", Word("LDRS", 27, 1, 2))
	assert.Equal(t, "\tWORD $0x3dc00938 // ldr q24, [x9, #32]\n", LoadQ(24, 9, 32))
	assert.PanicsWithValue(t, "neon: no instruction FNONE", func() { Word("FNONE", 0, 0, 0) })
}

// Every entry, with registers that show each field, is what clang's assembler makes of its text.
func TestEncodings(t *testing.T) {
	clang, err := exec.LookPath("clang")
	if err != nil {
		t.Skip("NOT TESTED: the encodings of arm64 instructions: there is no clang on this machine's PATH")
	}
	var lines []string
	for name := range codes {
		lines = append(lines, Word(name, 21, 10, 5), Word(name, 1, 30, 28), Word(name, 30, 2, 17))
	}
	lines = append(lines, LoadQ(31, 21, 0), LoadQ(10, 1, 48), StoreQ(21, 30, 32), LoadD(19, 11, 40))
	source, object := &strings.Builder{}, filepath.Join(t.TempDir(), "o")
	for _, line := range lines {
		_, text, _ := strings.Cut(line, "// ")
		source.WriteString(text)
	}
	cmd := exec.Command(clang, "--target=aarch64-linux-gnu", "-c", "-x", "assembler", "-", "-o", object)
	cmd.Stdin = strings.NewReader(source.String())
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	raw, err := os.ReadFile(object)
	require.NoError(t, err)
	file, err := elf.NewFile(bytes.NewReader(raw))
	require.NoError(t, err)
	text, err := file.Section(".text").Data()
	require.NoError(t, err)
	for i, line := range lines {
		want := fmt.Sprintf("\tWORD $0x%08x ", binary.LittleEndian.Uint32(text[4*i:]))
		assert.True(t, strings.HasPrefix(line, want), "%s, want %s", strings.TrimSpace(line), strings.TrimSpace(want))
	}
}
