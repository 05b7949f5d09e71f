package engine

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/safetensors"
)

// stateText is a State less its arrays, as it stands in a file.
type stateText struct {
	Seed      uint64   `json:"seed"`
	Optimizer string   `json:"optimizer"`
	Slots     int      `json:"slots"`
	Draws     uint32   `json:"draws"`
	Steps     int      `json:"steps"`
	Epochs    int      `json:"epochs"`
	Factor    number   `json:"rate_factor"`
	Run       *runText `json:"run,omitempty"`
}

type runText struct {
	Examples      int            `json:"examples"`
	BatchSize     int            `json:"batch_size"`
	MicroBatch    int            `json:"micro_batch"`
	DropRemainder bool           `json:"drop_remainder"`
	InOrder       bool           `json:"in_order"`
	History       []epochText    `json:"history"`
	Steps         int            `json:"steps"` // of the epoch
	Factor        number         `json:"rate_factor"`
	Duration      time.Duration  `json:"duration_ns"`
	Callbacks     []callbackText `json:"callbacks"`
}

type epochText struct {
	Number       int               `json:"epoch"`
	Scores       map[string]number `json:"scores"`
	Validation   map[string]number `json:"validation,omitempty"`
	Steps        int               `json:"steps"`
	LearningRate number            `json:"learning_rate"`
	Complete     bool              `json:"complete"`
	Duration     time.Duration     `json:"duration_ns"`
}

type callbackText struct {
	Type    string          `json:"type"`
	Numbers json.RawMessage `json:"numbers,omitempty"`
}

// The names of the arrays.
const (
	historyArray = reserved + "history" // the losses of all steps of the history's epochs
	sumsArray    = reserved + "sums"
	lossesArray  = reserved + "losses"
)

func slotPrefix(slot int) string  { return reserved + "slot." + strconv.Itoa(slot) + "/" }
func callbackPrefix(i int) string { return reserved + "callback." + strconv.Itoa(i) + "/" }

// state adds everything, the values of the variables last.
func (c *content) state(s *State, variables []*graph.Variable) error {
	text, err := json.Marshal(textOf(s))
	if err != nil {
		return err
	}
	c.metadata[stateKey] = string(text)
	if r := s.Run; r != nil {
		var losses []float64
		for _, e := range r.History {
			losses = append(losses, e.StepLosses...)
		}
		c.float64s(historyArray, losses)
		c.float64s(sumsArray, r.Position.Sums)
		c.float64s(lossesArray, r.Position.Losses)
		for i, callback := range r.Callbacks {
			c.arrays(callbackPrefix(i), callback.Arrays, variables)
		}
	}
	for i, slot := range s.Slots {
		c.arrays(slotPrefix(i), slot, variables)
	}
	return c.values(variables, func(v *graph.Variable) ([]float32, error) { return s.Values[v.Name], nil })
}

// arrays adds arrays in the order of their names, with the shapes of the variables that have the same ones.
func (c *content) arrays(prefix string, arrays nn.Weights, variables []*graph.Variable) {
	for _, name := range names(arrays) {
		shape := []int{len(arrays[name])}
		for _, v := range variables {
			if v.Name == name && v.Size() == len(arrays[name]) {
				shape = v.Shape
			}
		}
		c.float32s(prefix+name, shape, arrays[name])
	}
}

func names(arrays nn.Weights) []string {
	var list []string
	for name := range arrays {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

func textOf(s *State) stateText {
	t := stateText{Seed: s.Seed, Optimizer: s.Optimizer, Slots: len(s.Slots), Draws: s.Draws, Steps: s.Steps, Epochs: s.Epochs, Factor: number(s.Factor)}
	if r := s.Run; r != nil {
		t.Run = &runText{Examples: r.Examples, BatchSize: r.BatchSize, MicroBatch: r.MicroBatch, DropRemainder: r.DropRemainder, InOrder: r.InOrder,
			Steps: r.Position.Steps, Factor: number(r.Position.Factor), Duration: r.Position.Duration}
		for _, e := range r.History {
			t.Run.History = append(t.Run.History, epochText{e.Number, numbers(e.Scores), numbers(e.Validation), e.Steps, number(e.LearningRate), e.Complete, e.Duration})
		}
		for _, c := range r.Callbacks {
			t.Run.Callbacks = append(t.Run.Callbacks, callbackText{c.Type, c.Numbers})
		}
	}
	return t
}

func numbers(s Scores) map[string]number {
	if s == nil {
		return nil
	}
	made := map[string]number{}
	for name, v := range s {
		made[name] = number(v)
	}
	return made
}

func scoresOf(n map[string]number) Scores {
	if n == nil {
		return nil
	}
	made := Scores{}
	for name, v := range n {
		made[name] = float64(v)
	}
	return made
}

// readState reads the state that a file has.
func readState(f *safetensors.File) (*State, error) {
	text, ok := f.Metadata()[stateKey]
	if !ok {
		return nil, fmt.Errorf("%s is missing", stateKey)
	}
	var t stateText
	if err := unmarshal([]byte(text), &t); err != nil {
		return nil, fmt.Errorf("%s: %w", stateKey, err)
	}
	if t.Slots < 0 || t.Slots > maxSlots {
		return nil, fmt.Errorf("%s: %d slots, want 0 to %d", stateKey, t.Slots, maxSlots)
	}
	s := &State{Seed: t.Seed, Optimizer: t.Optimizer, Draws: t.Draws, Steps: t.Steps, Epochs: t.Epochs, Factor: float64(t.Factor)}
	var err error
	if s.Values, err = readArrays(f, ""); err != nil {
		return nil, err
	}
	for i := range t.Slots {
		slot, err := readArrays(f, slotPrefix(i))
		if err != nil {
			return nil, err
		}
		s.Slots = append(s.Slots, slot)
	}
	if t.Run != nil {
		s.Run, err = t.Run.read(f)
	}
	return s, err
}

// maxSlots is more than any optimizer keeps.
const maxSlots = 64

// readArrays reads the tensors with the prefix; without one, those that are variables.
func readArrays(f *safetensors.File, prefix string) (nn.Weights, error) {
	arrays := nn.Weights{}
	for _, t := range f.Tensors() {
		name, ok := strings.CutPrefix(t.Name, prefix)
		if !ok || prefix == "" && strings.HasPrefix(name, reserved) {
			continue
		}
		values, err := f.Float32s(t.Name)
		if err != nil {
			return nil, err
		}
		arrays[name] = values
	}
	return arrays, nil
}

func readFloat64s(f *safetensors.File, name string) ([]float64, error) {
	t, ok := f.Tensor(name)
	if !ok {
		return nil, fmt.Errorf("tensor %q is missing", name)
	}
	values := make([]float64, t.Len())
	if len(values) == 0 {
		return nil, nil
	}
	return values, f.ReadFloat64(name, values)
}

func (t *runText) read(f *safetensors.File) (*Run, error) {
	r := &Run{Examples: t.Examples, BatchSize: t.BatchSize, MicroBatch: t.MicroBatch, DropRemainder: t.DropRemainder, InOrder: t.InOrder,
		Position: Position{Steps: t.Steps, Factor: float64(t.Factor), Duration: t.Duration}}
	var err error
	if r.Position.Sums, err = readFloat64s(f, sumsArray); err != nil {
		return nil, err
	}
	if r.Position.Losses, err = readFloat64s(f, lossesArray); err != nil {
		return nil, err
	}
	if r.History, err = t.readHistory(f); err != nil {
		return nil, err
	}
	for i, c := range t.Callbacks {
		arrays, err := readArrays(f, callbackPrefix(i))
		if err != nil {
			return nil, err
		}
		if len(arrays) == 0 {
			arrays = nil
		}
		r.Callbacks = append(r.Callbacks, CallbackState{c.Type, c.Numbers, arrays})
	}
	return r, nil
}

// readHistory deals the losses out to the epochs.
func (t *runText) readHistory(f *safetensors.File) (history []Epoch, err error) {
	losses, err := readFloat64s(f, historyArray)
	if err != nil {
		return nil, err
	}
	for _, e := range t.History {
		if e.Steps < 0 || e.Steps > len(losses) {
			return nil, fmt.Errorf("%s: epoch %d has %d steps, want 0 to %d, as many as there are losses left", stateKey, e.Number, e.Steps, len(losses))
		}
		history = append(history, Epoch{Number: e.Number, Scores: scoresOf(e.Scores), Validation: scoresOf(e.Validation), Steps: e.Steps,
			StepLosses: losses[:e.Steps:e.Steps], LearningRate: float64(e.LearningRate), Complete: e.Complete, Duration: e.Duration})
		losses = losses[e.Steps:]
	}
	if len(losses) > 0 {
		return nil, fmt.Errorf("tensor %q has %d losses more than the history's epochs have steps", historyArray, len(losses))
	}
	return history, nil
}
