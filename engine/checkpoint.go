package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/gradus-ml/gradus/internal/atomicfile"
)

const checkpointKind = "checkpoint"

// SaveCheckpoint writes the model's State to a file, which is there as a whole or not at all. In a callback, that is last in the list, the
// file has how far the Fit is.
func (m *Model) SaveCheckpoint(path string) error {
	if err := m.saveCheckpoint(path); err != nil {
		return fmt.Errorf("engine: save checkpoint %s: %w", path, err)
	}
	return nil
}

func (m *Model) saveCheckpoint(path string) error {
	s, err := m.State()
	if err != nil {
		return err
	}
	c := newContent(checkpointKind)
	if err := c.state(s, m.store.Variables()); err != nil {
		return err
	}
	return c.save(path)
}

// LoadCheckpoint reads what SaveCheckpoint wrote and sets the model's State to it. A file that is damaged, or is of another model, is refused, and
// the model is as before.
func (m *Model) LoadCheckpoint(path string) error {
	s, err := ReadCheckpoint(path)
	if err != nil {
		return err
	}
	if err := m.SetState(s); err != nil {
		return fmt.Errorf("engine: load checkpoint %s: %w", path, err)
	}
	return nil
}

// ReadCheckpoint reads what SaveCheckpoint wrote.
func ReadCheckpoint(path string) (*State, error) {
	s, err := readCheckpoint(path)
	if err != nil {
		return nil, fmt.Errorf("engine: read checkpoint: %w", err)
	}
	return s, nil
}

func readCheckpoint(path string) (*State, error) {
	f, err := openFile(path, checkpointKind)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s, err := readState(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// BackupAndRestore keeps checkpoints of a Fit in a folder, and begins with the newest that is there: a program that was killed, at whatever
// moment, goes on when it is started again, to the same bits on the same backend (Keras's BackupAndRestore). A folder belongs to one Fit, of
// one process at a time, and the program is to give it the same data, seed and callbacks.
// Unlike Keras's, the checkpoints stay when the Fit is done, unless DeleteCheckpoint is set: started again, the program goes through the
// Fit in no time, and a larger number of epochs is trained on. Use a pointer.
//
//	engine.Fit{Epochs: 100, Callbacks: []engine.Callback{&engine.BackupAndRestore{Dir: "backup", EverySteps: 1000}}}
type BackupAndRestore struct {
	Dir        string        // is made if there is none
	EverySteps int           // a checkpoint after so many steps, within an epoch; zero means only after each epoch
	Every      time.Duration // a checkpoint within an epoch when the last is so long ago; zero means only after each epoch
	Keep       int           // newest checkpoints that are kept; zero means 2
	// DeleteCheckpoint deletes the checkpoints when the Fit is done (Keras's delete_checkpoint, which is its default).
	DeleteCheckpoint bool
	Restored         string  // the file that the Fit began with; empty for none
	Damaged          []error // newer files that could not be used; they are renamed to .damaged
	saved            string  // the last
	steps            int     // of the model when it was saved
	when             time.Time
	done             bool
}

// RunBegin implements RunBeginner: it sets the model to the newest checkpoint.
func (c *BackupAndRestore) RunBegin(m *Model, _ Fit) error {
	if c.Dir == "" || c.EverySteps < 0 || c.Every < 0 || c.Keep < 0 {
		return fmt.Errorf("Dir is %q, EverySteps %d, Every %v and Keep %d, want a folder, and at least 0", c.Dir, c.EverySteps, c.Every, c.Keep)
	}
	c.Restored, c.Damaged, c.saved, c.done = "", nil, "", false
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return err
	}
	if err := c.sweep(); err != nil {
		return err
	}
	err := c.restore(m)
	c.steps, c.when = m.steps, time.Now()
	return err
}

// checkpointName has the number of epochs that are complete and that of steps made.
var checkpointName = regexp.MustCompile(`^checkpoint-\d{10}-\d{10}\.safetensors$`)

// list returns the checkpoints in the folder, the newest first.
func (c *BackupAndRestore) list() (paths []string, err error) {
	entries, err := os.ReadDir(c.Dir) // sorted by name
	for _, e := range slices.Backward(entries) {
		if checkpointName.MatchString(e.Name()) {
			paths = append(paths, filepath.Join(c.Dir, e.Name()))
		}
	}
	return paths, err
}

// sweep deletes what a process that was killed has left unfinished.
func (c *BackupAndRestore) sweep() error {
	paths, err := filepath.Glob(filepath.Join(c.Dir, "checkpoint-*"+atomicfile.Suffix))
	for _, path := range paths {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

func (c *BackupAndRestore) restore(m *Model) error {
	paths, err := c.list()
	if err != nil {
		return err
	}
	for _, path := range paths {
		s, err := readCheckpoint(path)
		if err != nil {
			c.Damaged = append(c.Damaged, err)
			if err := os.Rename(path, path+".damaged"); err != nil { // or it would be among the newest that are kept
				return err
			}
			continue
		}
		if s.Run == nil || s.Epochs-len(s.Run.History) != m.epochs {
			return fmt.Errorf("%s is of another Fit: want a folder for each", path)
		}
		if err := m.setState(s); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		c.Restored, c.saved = path, path
		return nil
	}
	if len(paths) > 0 {
		return fmt.Errorf("none of the %d checkpoints in %s can be used: %w", len(paths), c.Dir, errors.Join(c.Damaged...))
	}
	return nil
}

// keep implements keeper.
func (c *BackupAndRestore) keep(m *Model, steps int) error {
	due := steps == 0 || c.EverySteps > 0 && m.steps-c.steps >= c.EverySteps || c.Every > 0 && time.Since(c.when) >= c.Every
	if !due {
		return nil
	}
	return c.save(m)
}

// stop implements keeper: training that the context ended goes on where it was.
func (c *BackupAndRestore) stop(m *Model, why error) error {
	c.done = why == nil
	if errors.Is(why, context.Canceled) || errors.Is(why, context.DeadlineExceeded) {
		return c.save(m)
	}
	return nil
}

func (c *BackupAndRestore) save(m *Model) error {
	path := filepath.Join(c.Dir, fmt.Sprintf("checkpoint-%010d-%010d.safetensors", m.epochs, m.steps))
	if err := m.saveCheckpoint(path); err != nil {
		return err
	}
	c.saved, c.steps, c.when = path, m.steps, time.Now()
	keep := c.Keep
	if keep == 0 {
		keep = 2
	}
	return c.deleteBut(keep)
}

// deleteBut deletes all checkpoints but the newest.
func (c *BackupAndRestore) deleteBut(keep int) error {
	paths, err := c.list()
	for _, path := range paths[min(keep, len(paths)):] {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

// RunEnd implements RunEnder.
func (c *BackupAndRestore) RunEnd(*Model, *History) error {
	if !c.done || !c.DeleteCheckpoint {
		return nil
	}
	return c.deleteBut(0)
}
