package transcript

import (
	"regexp"
	"strings"
)

// IDs puts the tracking IDs of a server in the place of the recorded ones, and
// back. The zero value knows none.
type IDs struct{ served map[string]string }

var trackingID = regexp.MustCompile(`(?i)[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}`)

// Learn notes that a server gave an ID where the recording has another.
func (ids *IDs) Learn(recorded, served string) {
	if ids.served == nil {
		ids.served = make(map[string]string)
	}
	ids.served[recorded] = served
}

// Outgoing makes a recorded request one for the server, in the case of the
// recording.
func (ids *IDs) Outgoing(request string) string {
	return trackingID.ReplaceAllStringFunc(request, func(id string) string {
		served, ok := ids.served[strings.ToUpper(id)]
		switch {
		case !ok:
			return id
		case id == strings.ToLower(id):
			return strings.ToLower(served)
		}
		return served
	})
}

// Incoming makes an answer of the server comparable to the recorded one, whose
// ID it stands for from now on.
func (ids *IDs) Incoming(answer, recorded string) string {
	const taken = "OK TRACKING "
	id := trackingID.FindString(recorded)
	served, ok := strings.CutPrefix(answer, taken)
	if id == "" || !ok {
		return answer
	}
	ids.Learn(id, trackingID.FindString(served))
	return taken + trackingID.ReplaceAllString(served, id)
}
