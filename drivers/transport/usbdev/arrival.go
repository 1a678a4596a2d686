package usbdev

import "fmt"

// MissingError is the end of a search for a device that found none it could open.
// It wraps why: ErrGone where there is none.
type MissingError struct {
	Err error
	// Arrived is closed when a device was plugged in since the search began, so that
	// it is worth to search again at once. It is nil where that is not known.
	Arrived <-chan struct{}
}

// Error says what was looked for and why there is none.
func (e *MissingError) Error() string { return e.Err.Error() }

// Unwrap returns the reason.
func (e *MissingError) Unwrap() error { return e.Err }

// Again tells the agent when another try is worth its while.
func (e *MissingError) Again() <-chan struct{} { return e.Arrived }

// Search tries candidates in turn until one can be opened. If none can, the error
// is a *MissingError with the first reason; what says who looked.
func Search[D any](what string, subsystem string, candidates func() ([]Info, error), match func(Info) bool, open func(Info) (D, error)) (D, error) {
	var none D
	arrived, stop := arrival(subsystem) // before looking, or what comes meanwhile is missed
	all, err := candidates()
	if err != nil {
		return none, &MissingError{err, arrived}
	}
	var first error
	for _, info := range all {
		if !match(info) {
			continue
		}
		device, err := open(info)
		if err == nil {
			stop()
			return device, nil
		}
		if first == nil {
			first = err
		}
	}
	if first == nil {
		first = fmt.Errorf("%w: %s found %d devices, and none is what ups.conf asks for; is it plugged in?", ErrGone, what, len(all))
	}
	return none, &MissingError{first, arrived}
}
