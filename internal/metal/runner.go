//go:build linux

package metal

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// The commands of the runner; see shim/runner.cc.
const (
	commandLoad uint32 = iota + 1
	commandRun
	commandGuard
	commandSync
)

// patience is how long the commands of a submission may take.
const patience = 5 * time.Minute

// A runner is the process that runs kernels.
type runner struct {
	process *exec.Cmd
	in      *bufio.Writer
	out     *os.File
	pipe    io.Closer
	stderr  bytes.Buffer
	kernels uint32
}

func startRunner(m *memory) (*runner, error) {
	program, err := compileRunner()
	if err != nil {
		return nil, err
	}
	out, theirs, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	r := &runner{process: exec.Command(program, strconv.Itoa(addressSpace)), out: out}
	r.process.Stdout, r.process.Stderr, r.process.ExtraFiles = theirs, &r.stderr, []*os.File{m.file}
	in, err := r.process.StdinPipe()
	if err != nil {
		return nil, err
	}
	r.in, r.pipe = bufio.NewWriterSize(in, 1<<16), in
	if err := r.process.Start(); err != nil {
		return nil, fmt.Errorf("metal: %w", err)
	}
	return r, nil
}

// send buffers words of a command; that the runner is gone shows in sync.
func (r *runner) send(words ...any) {
	for _, w := range words {
		if text, ok := w.(string); ok {
			r.send(uint32(len(text)))
			r.in.WriteString(text)
			continue
		}
		_ = binary.Write(r.in, binary.LittleEndian, w)
	}
}

// load returns the number of a kernel of the runner's.
func (r *runner) load(name, object string) (uint32, error) {
	r.send(commandLoad, name, object)
	r.kernels++
	return r.kernels - 1, r.sync()
}

// sync waits for the end of the commands that were sent, and tells what went wrong in them.
func (r *runner) sync() error {
	r.send(commandSync)
	if err := r.in.Flush(); err != nil {
		return r.died(err)
	}
	if err := r.out.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return r.died(err)
	}
	var n uint32
	if err := binary.Read(r.out, binary.LittleEndian, &n); err != nil {
		return r.died(err)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r.out, text); err != nil {
		return r.died(err)
	}
	if n > 0 {
		return errors.New("metal: " + string(text))
	}
	return nil
}

// died says why there is no answer.
func (r *runner) died(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("metal: the kernels have not ended after %v", patience)
	}
	_ = r.process.Wait() // its end is what is told
	if said := strings.TrimSpace(r.stderr.String()); said != "" {
		return fmt.Errorf("metal: %s", said)
	}
	return fmt.Errorf("metal: the runner ended (%v): %w", r.process.ProcessState, err)
}

func (r *runner) close() {
	_ = r.pipe.Close() // which ends it
	_ = r.process.Wait()
	_ = r.out.Close()
}

// words are numbers as the runner reads them.
type words []byte

func (w *words) u32(v uint32) { *w = binary.LittleEndian.AppendUint32(*w, v) }
func (w *words) u64(v uint64) { *w = binary.LittleEndian.AppendUint64(*w, v) }
