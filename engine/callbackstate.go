package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// number is a float64 in JSON, which has neither NaN nor infinities: these are strings.
type number float64

// MarshalJSON implements json.Marshaler.
func (n number) MarshalJSON() ([]byte, error) {
	if v := float64(n); math.IsNaN(v) || math.IsInf(v, 0) {
		return json.Marshal(strconv.FormatFloat(v, 'g', -1, 64))
	}
	return json.Marshal(float64(n))
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *number) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case `"NaN"`:
		*n = number(math.NaN())
		return nil
	case `"+Inf"`, `"-Inf"`:
		*n = number(math.Inf(1 - 2*bytes.Count(text, []byte("-"))))
		return nil
	}
	return json.Unmarshal(text, (*float64)(n))
}

// watched is what a Monitor hands on, and the counts of the callback that has it.
type watched struct {
	Best    number `json:"best"`
	Seen    bool   `json:"seen"`
	Waited  int    `json:"waited,omitempty"`
	Cooling int    `json:"cooling,omitempty"`
}

func (m *Monitor) state(waited, cooling int) (CallbackState, error) {
	text, err := json.Marshal(watched{number(m.best), m.seen, waited, cooling})
	return CallbackState{Numbers: text}, err
}

func (m *Monitor) setState(s CallbackState) (w watched, err error) {
	if err = unmarshal(s.Numbers, &w); err != nil {
		return w, err
	}
	if math.IsNaN(float64(w.Best)) || w.Waited < 0 || w.Cooling < 0 {
		return w, fmt.Errorf("best is %v, waited %d and cooling %d, want a number and counts", float64(w.Best), w.Waited, w.Cooling)
	}
	m.best, m.seen = float64(w.Best), w.Seen
	return w, nil
}

// CallbackState implements Stateful: the best score, the epochs waited, and the best weights.
func (c *EarlyStopping) CallbackState() (CallbackState, error) {
	s, err := c.state(c.waited, 0)
	s.Arrays = c.weights
	return s, err
}

// SetCallbackState implements Stateful.
func (c *EarlyStopping) SetCallbackState(s CallbackState) error {
	w, err := c.setState(s)
	c.waited, c.weights = w.Waited, s.Arrays
	return err
}

// CallbackState implements Stateful: the best score.
func (c *Checkpoint) CallbackState() (CallbackState, error) { return c.state(0, 0) }

// SetCallbackState implements Stateful.
func (c *Checkpoint) SetCallbackState(s CallbackState) error {
	_, err := c.setState(s)
	return err
}

// CallbackState implements Stateful: the best score, the epochs waited and to wait. The rate that it made is the model's.
func (c *ReduceLROnPlateau) CallbackState() (CallbackState, error) {
	return c.watch.state(c.waited, c.cooling)
}

// SetCallbackState implements Stateful.
func (c *ReduceLROnPlateau) SetCallbackState(s CallbackState) error {
	w, err := c.watch.setState(s)
	c.waited, c.cooling = w.Waited, w.Cooling
	return err
}

// CallbackState implements Stateful: the columns, so that a Fit that is gone on with does not name them again.
func (c *CSVLogger) CallbackState() (s CallbackState, err error) {
	s.Numbers, err = json.Marshal(c.columns)
	return s, err
}

// SetCallbackState implements Stateful.
func (c *CSVLogger) SetCallbackState(s CallbackState) error { return unmarshal(s.Numbers, &c.columns) }
