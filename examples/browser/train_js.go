package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"syscall/js"

	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/data/fashion"
	"github.com/gradus-ml/gradus/kernels"
)

// A report is what the page is told, through its function report.
type report struct {
	Device string    `json:"device,omitempty"`
	Epoch  int       `json:"epoch,omitempty"`
	Losses []float64 `json:"losses,omitempty"` // of steps that were made
	Scores string    `json:"scores,omitempty"` // of an epoch that ended
	Test   string    `json:"test,omitempty"`   // at the end
	Error  string    `json:"error,omitempty"`
}

func (r report) send() {
	text, err := json.Marshal(r)
	if err != nil {
		text = []byte(strconv.Quote(err.Error()))
	}
	js.Global().Call("report", string(text))
}

func main() {
	if err := train(number("epochs", 3), number("examples", 0)); err != nil {
		report{Error: err.Error()}.send()
	}
}

// number returns a number of the page's address: ?epochs=5.
func number(name string, otherwise int) int {
	query := js.Global().Get("URLSearchParams").New(js.Global().Get("location").Get("search"))
	if n, err := strconv.Atoi(query.Call("get", name).String()); err == nil && n > 0 {
		return n
	}
	return otherwise
}

// train trains the network on so many of the embedded images, 0 for all, and reports how it goes.
func train(epochs, examples int) error {
	dev, err := kernels.Open()
	if err != nil {
		return err
	}
	defer dev.Close()
	report{Device: dev.Info().String()}.send()
	train, test, err := fashion.Load("")
	if err != nil {
		return err
	}
	if examples > 0 {
		if train, err = train.Slice(0, min(examples, train.Len())); err != nil {
			return err
		}
		if test, err = test.Slice(0, min(examples, test.Len())); err != nil {
			return err
		}
	}
	model, err := compile(dev)
	if err != nil {
		return err
	}
	defer model.Close()
	return fit(model, train, test, epochs)
}

func fit(model *engine.Model, train, test *data.Set, epochs int) error {
	_, err := model.Fit(context.Background(), train, engine.Fit{Epochs: epochs, Callbacks: []engine.Callback{
		engine.StepFunc(func(_ *engine.Model, s engine.Steps) error {
			report{Epoch: s.Epoch, Losses: s.Losses}.send()
			return nil
		}),
		engine.EpochFunc(func(_ *engine.Model, e engine.Epoch) error {
			report{Epoch: e.Number, Scores: fmt.Sprintf("loss %.4f, accuracy %.4f, %.0f steps/s", e.Scores["loss"], e.Scores["accuracy"], e.StepsPerSecond())}.send()
			return nil
		}),
	}})
	if err != nil {
		return err
	}
	scores, err := model.Evaluate(context.Background(), test)
	if err == nil {
		report{Test: fmt.Sprintf("test loss %.4f, test accuracy %.4f", scores["loss"], scores["accuracy"])}.send()
	}
	return err
}
