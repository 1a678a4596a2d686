package web_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/exporter/web"
	"github.com/wattnut/wattnut/nut"
)

func peanut(f fleet) *web.Server { return &web.Server{Fleet: f, Pages: web.PeaNUT(f)} }

func TestPeaNUT(t *testing.T) {
	forced := ups("forced", nut.Live, "ups.status", "OL")
	forced.Forced = true
	s := peanut(fleet{
		ups("rack", nut.Live, "battery.charge", "87", "ups.load", "016.90", "ups.status", "OL CHRG", "device.model", "6\" \\ rack", "vendor.x", "2.50", "vendor.y", "25"),
		ups("old", nut.Stale, "battery.charge", "50"),
		forced,
	})
	rack := map[string]any{
		"battery.charge": 87., "ups.load": 16.9, "ups.status": "OL CHRG", "device.model": "6\" \\ rack", "vendor.x": "2.50", "vendor.y": 25.,
	}
	tests := []struct {
		path string
		code int
		want any
	}{
		{"/api/v1/devices", 200, []any{rack, map[string]any{}, map[string]any{"ups.status": "FSD OL"}}},
		{"/api/v1/devices/rack", 200, rack},
		{"/api/v1/devices/RACK", 200, rack},
		{"/api/v1/devices/none", 404, "Device none not found"},
		{"/api/v1/devices/%22%5c", 404, "Device \"\\ not found"},
	}
	for _, tt := range tests {
		w := get(s, http.MethodGet, tt.path)
		var got any
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != tt.code || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s is answered with %d %s, %v", tt.path, w.Code, w.Body, err)
		}
		if contentType := w.Header().Get("Content-Type"); contentType != "application/json" {
			t.Errorf("%s is %s", tt.path, contentType)
		}
	}
	if w := get(peanut(nil), http.MethodGet, "/api/v1/devices"); w.Body.String() != "[]\n" {
		t.Errorf("nothing is %q", w.Body)
	}
	if w := get(&web.Server{Fleet: fleet{}}, http.MethodGet, "/api/v1/devices"); w.Code != http.StatusNotFound {
		t.Errorf("switched off it is answered with %d", w.Code)
	}
}

// One stale or absent UPS blinds the rest: PeaNUT answers 500.
func TestPeersPeaNUTStaleUPS(t *testing.T) {
	s := peanut(fleet{ups("old", nut.Stale), ups("gone", nut.Absent), ups("rack", nut.Live, "ups.load", "5")})
	if w := get(s, http.MethodGet, "/api/v1/devices"); w.Code != http.StatusOK || w.Body.String() != "[{},{},{\"ups.load\":5}]\n" {
		t.Errorf("answered with %d %s", w.Code, w.Body)
	}
	if w := get(s, http.MethodGet, "/api/v1/devices/old"); w.Code != http.StatusNotFound {
		t.Errorf("a stale UPS alone is answered with %d %s", w.Code, w.Body)
	}
}

// An empty value becomes 0 (PeaNUT), and what is no number becomes one.
func TestPeersPeaNUTEmptyIsZero(t *testing.T) {
	for value, want := range map[string]string{"": `""`, " ": `" "`, "0": "0", "0764": `"0764"`, "1e3": `"1e3"`, "-1.5": "-1.5", "0x10": `"0x10"`, ".5": `".5"`} {
		w := get(peanut(fleet{ups("u", nut.Live, "vendor.x", value)}), http.MethodGet, "/api/v1/devices/u")
		if got := strings.TrimSpace(w.Body.String()); got != `{"vendor.x":`+want+"}" {
			t.Errorf("%q is %s", value, got)
		}
	}
	w := get(peanut(fleet{ups("u", nut.Live, "ups.serial", "764", "device.part", "12", "ups.productid", "2")}), http.MethodGet, "/api/v1/devices/u")
	if got := strings.TrimSpace(w.Body.String()); got != `{"device.part":"12","ups.productid":"2","ups.serial":"764"}` {
		t.Error(got)
	}
}

var _ collectors.Fleet = fleet{}
