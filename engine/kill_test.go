package engine

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// backupDir, in the environment of a process, tells it to train with checkpoints in the folder, and to print what came of it.
const backupDir = "GRADUS_TEST_BACKUP"

// killsWanted says how often a training is killed in the test: `make kill` has 50.
const killsWanted = "GRADUS_KILLS"

// mortal trains and describes all that is left behind, in a digest.
func mortal(t *testing.T, device opened, callbacks ...Callback) string {
	var log bytes.Buffer
	fit := eventfulFit(&log, callbacks...)
	fit.Epochs = 12
	if device.name == "gpu" {
		fit.Epochs = 2
	}
	fit.Callbacks[1] = StepFunc(func(m *Model, s Steps) error { // how many steps it hears of at once differs from run to run
		if s.First <= 50 && s.First+len(s.Losses) > 50 {
			m.factor *= 1.1
		}
		return nil
	})
	fit.Callbacks[3].(*EarlyStopping).Patience = 100
	history, err := eventful(t, device.open(t)).fitAndState(fit)
	require.NoError(t, err)
	return history
}

// fitAndState trains and returns a digest of the history and of the State.
func (m *Model) fitAndState(fit Fit) (string, error) {
	history, err := m.Fit(context.Background(), blobs(1501), fit)
	if err != nil {
		return "", err
	}
	for i := range history.Epochs {
		history.Epochs[i].Duration = 0
	}
	s, err := m.State()
	return fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%v %v", history.Epochs, *s))), err
}

// announced says that the training has begun, and where.
type announced struct{ c *BackupAndRestore }

// RunBegin implements RunBeginner.
func (a announced) RunBegin(*Model, Fit) error {
	fmt.Printf("training from %q\n", a.c.Restored)
	return nil
}

// A training that is killed at random moments, and started again each time, ends as one that was not: the same bits of values, of the
// optimizer's state and of the history.
func TestKilledAndStartedAgain(t *testing.T) {
	for _, device := range real {
		t.Run(device.name, func(t *testing.T) {
			if dir := os.Getenv(backupDir); dir != "" {
				backup := &BackupAndRestore{Dir: dir, EverySteps: 1}
				fmt.Printf("digest %s\n", mortal(t, device, backup, announced{backup}))
				return
			}
			kills, _ := strconv.Atoi(os.Getenv(killsWanted))
			if kills == 0 {
				kills = 8
			}
			if device.name == "gpu" {
				kills = max(2, kills/5)
			}
			k := killer{t: t, device: device.name, want: mortal(t, device), random: rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))}
			for k.kills < kills {
				k.lifetime(kills)
			}
			for more := kills + 1; k.restored == 0 && more < kills+20; more++ { // all were killed before their first checkpoint
				k.lifetime(more)
			}
			t.Log(k.String())
			assert.Positive(t, k.restored, "none began with a checkpoint")
		})
	}
}

// killer starts processes that train, and kills them.
type killer struct {
	t                                           *testing.T
	device, want                                string
	random                                      *rand.Rand
	kills, lives, early, restored, parts, inner int
}

// String is the transcript's last line.
func (k *killer) String() string {
	return fmt.Sprintf("%s: killed %d times (%d before training, %d began with a checkpoint, %d of them within an epoch; %d files half-written); %d trainings ended, all with digest %.12s",
		k.device, k.kills, k.early, k.restored, k.inner, k.parts, k.lives, k.want)
}

// lifetime is a training up to its end, with as many kills as are left to do.
func (k *killer) lifetime(kills int) {
	dir := k.t.TempDir()
	for k.kills < kills {
		if digest, ended := k.start(dir, true); ended {
			k.ended(digest)
			return
		}
		k.kills++
		left, err := filepath.Glob(filepath.Join(dir, "*.part"))
		require.NoError(k.t, err)
		k.parts += len(left)
	}
	digest, ended := k.start(dir, false)
	require.True(k.t, ended)
	k.ended(digest)
}

func (k *killer) ended(digest string) {
	k.lives++
	require.Equal(k.t, k.want, digest, "after %d kills", k.kills)
}

// start starts a process, kills it at a random moment, before or within its training, if it is to die, and returns what it printed.
func (k *killer) start(dir string, mortal bool) (digest string, ended bool) {
	cmd := exec.Command(os.Args[0], "-test.run", "^TestKilledAndStartedAgain$/^"+k.device+"$")
	cmd.Env = append(os.Environ(), backupDir+"="+dir)
	out, err := cmd.StdoutPipe()
	require.NoError(k.t, err)
	require.NoError(k.t, cmd.Start())
	if mortal && k.random.IntN(8) == 0 { // at any moment of its life
		timer := time.AfterFunc(time.Duration(k.random.IntN(300))*time.Millisecond, func() { cmd.Process.Kill() })
		defer timer.Stop()
	}
	began := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		switch first, rest, _ := strings.Cut(lines.Text(), " "); first {
		case "training":
			began = true
			k.note(rest)
			if mortal {
				timer := time.AfterFunc(time.Duration(k.random.IntN(200))*time.Millisecond, func() { cmd.Process.Kill() })
				defer timer.Stop()
			}
		case "digest":
			digest, ended = rest, true
		}
	}
	err = cmd.Wait()
	if !ended {
		require.ErrorContains(k.t, err, "killed")
		if !began {
			k.early++
		}
	}
	return digest, ended
}

// note counts what a training began with.
func (k *killer) note(from string) {
	if strings.Contains(from, "checkpoint-") {
		k.restored++
		s, err := ReadCheckpoint(strings.Trim(strings.TrimPrefix(from, "from "), `"`))
		if err == nil && s.Run.Position.Steps > 0 { // it may be deleted already
			k.inner++
		}
	}
}
