package cage

// Layer is one wall of the cage as it was tried on this machine.
type Layer struct {
	Name   string `json:"name"`
	Holds  bool   `json:"holds"`
	Detail string `json:"detail"` // what was tried, or why it is absent; for operators, in English
}
