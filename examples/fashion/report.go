package main

import (
	"encoding/json"
	"math"
	"os"

	"github.com/gradus-ml/gradus/engine"
)

// results are what -json writes.
type results struct {
	Backend       string        `json:"backend"`
	Device        string        `json:"device"`
	API           string        `json:"api"`
	Data          string        `json:"data"`
	TrainExamples int           `json:"train_examples"`
	BatchSize     int           `json:"batch_size"`
	Seed          uint64        `json:"seed"`
	Epochs        []epochResult `json:"epochs"`
	TestLoss      *float64      `json:"test_loss"`
	TestAccuracy  *float64      `json:"test_accuracy"`
}

type epochResult struct {
	Epoch          int      `json:"epoch"`
	Loss           *float64 `json:"loss"` // null, as all scores, where it is no number
	Accuracy       *float64 `json:"accuracy"`
	ValLoss        *float64 `json:"val_loss"` // null also for an epoch that was cut short
	ValAccuracy    *float64 `json:"val_accuracy"`
	Steps          int      `json:"steps"`
	Complete       bool     `json:"complete"`
	Seconds        float64  `json:"seconds"`
	StepsPerSecond float64  `json:"steps_per_second"`
}

func report(model *engine.Model, sets datasets, o options, history *engine.History, scores engine.Scores) results {
	info := model.Device()
	r := results{Backend: info.Name, Device: info.Device, API: info.API, Data: sets.from, TrainExamples: sets.train.Len(),
		BatchSize: o.batch, Seed: o.seed, TestLoss: score(scores, "loss"), TestAccuracy: score(scores, "accuracy")}
	for _, e := range history.Epochs {
		r.Epochs = append(r.Epochs, epochResult{Epoch: e.Number, Loss: score(e.Scores, "loss"), Accuracy: score(e.Scores, "accuracy"),
			ValLoss: score(e.Validation, "loss"), ValAccuracy: score(e.Validation, "accuracy"),
			Steps: e.Steps, Complete: e.Complete, Seconds: e.Duration.Seconds(), StepsPerSecond: e.StepsPerSecond()})
	}
	return r
}

func score(s engine.Scores, name string) *float64 {
	if v, ok := s[name]; ok {
		return finite(v)
	}
	return nil
}

// finite is nil for what JSON cannot hold: NaN and the infinities of a run that diverged.
func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

// writeJSON writes the results; an empty name means no file.
func (r results) writeJSON(name string) error {
	if name == "" {
		return nil
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(text, '\n'), 0o644)
}
