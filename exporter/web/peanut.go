package web

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/nut"
)

// PeaNUT is the part of PeaNUT's API that widgets read: all devices, and one of
// them, each a flat object of its variables. A UPS without fresh data is an
// empty object in the list, so that the others keep their places, and is not
// found alone.
func PeaNUT(fleet collectors.Fleet) Pages {
	return Pages{
		"/api/v1/devices": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			list := []map[string]any{}
			for u := range fleet.All() {
				list = append(list, variables(u))
			}
			writeJSON(w, http.StatusOK, list)
		}),
		"/api/v1/devices/{device}": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			name := r.PathValue("device")
			for u := range fleet.All() {
				if u.Snapshot.Health == nut.Live && strings.EqualFold(u.Snapshot.UPS, name) {
					writeJSON(w, http.StatusOK, variables(u))
					return
				}
			}
			writeJSON(w, http.StatusNotFound, "Device "+name+" not found")
		}),
	}
}

func writeJSON(w http.ResponseWriter, code int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(value) // an error means that the reader is gone
}

// variables are the variables of a UPS, numbers as numbers.
func variables(u collectors.UPS) map[string]any {
	all := make(map[string]any, u.Snapshot.Len())
	if u.Snapshot.Health != nut.Live {
		return all
	}
	for v := range u.Snapshot.Variables() {
		all[string(v.Name)] = jsonValue(v)
	}
	if status := u.Snapshot.Status(); u.Forced && !status.Has(nut.StatusForced) {
		all["ups.status"] = nut.StatusForced + " " + status.String()
	}
	return all
}

// jsonValue is a number only where nothing is lost by it: what names a thing
// keeps its zeros, and what is empty stays so.
func jsonValue(v nut.Variable) any {
	number, ok := v.Number()
	if !ok {
		return v.Value
	}
	if e, known := nut.Describe(v.Name); known && e.Type != nut.Number {
		return v.Value
	} else if known || strconv.FormatFloat(number, 'f', -1, 64) == v.Value {
		return number
	}
	return v.Value
}
