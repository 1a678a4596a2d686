package dialect

import (
	"bytes"
	"fmt"
	"strings"
)

// bestupsMakers are by the first part of the identity.
var bestupsMakers = map[string]string{
	"AX1": "Best Power", "FOR": "Best Power", "FTC": "Best Power", "PR2": "Best Power", "PRO": "Best Power",
	"325": "Sola Australia", "520": "Sola Australia", "620": "Sola Australia",
}

var bestupsModels = map[string]string{
	"AX1": "Axxium Rackmount", "FOR": "Fortress", "FTC": "Fortress Telecom", "PR2": "Patriot Pro II", "PRO": "Patriot Pro",
	"320": "Sola 320", "325": "Sola 325", "520": "Sola 520", "525": "Sola 525", "620": "Sola 620",
}

// bestupsKind is the first part of the identity, kept unpublished.
const bestupsKind = "bestups.kind"

func bestupsMaker(_ *Unit, r reading) (string, error) {
	if maker, ok := bestupsMakers[r.text]; ok {
		return maker, nil
	}
	return "Unknown", nil
}

func bestupsModel(u *Unit, r reading) (string, error) {
	u.facts[bestupsKind], u.hidden[bestupsKind] = r.text, true
	if r.text != "PRO" && r.text != "320" {
		u.wake("battery.runtime")
	}
	if r.text == "AX1" || r.text == "620" {
		u.wake("battery.packs")
	}
	if model, ok := bestupsModels[r.text]; ok {
		return model, nil
	}
	return fmt.Sprintf("Unknown (%s)", r.text), nil
}

// bestupsIdentity widens two of the six parts, so that all have their places.
func bestupsIdentity(_ *Unit, answer []byte) ([]byte, error) {
	parts := bytes.Split(answer, []byte{','})
	if len(answer) < 24 || len(answer) > 26 || len(parts) != 6 {
		return nil, fmt.Errorf("%w: %q is no identity", errNone, answer)
	}
	return fmt.Appendf(nil, "%s,%4s,%s,%s,%s,%5s", parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]), nil
}

// bestupsPacks is the number of external packs.
func bestupsPacks(_ *Unit, r reading) (string, error) { return wholeNumber(r.text) }

// bestupsPins is a digit up to 6.
func bestupsPins(_ *Unit, r reading) (string, error) {
	if len(r.text) != 1 || r.text < "0" || r.text > "6" {
		return "", fmt.Errorf("%w: %q is no mode", errNone, r.text)
	}
	return r.text, nil
}

func wholeNumber(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return "", fmt.Errorf("%w: %q is not a whole number", errNone, text)
	}
	n, err := number(text)
	return decimal(n, 0), err
}

// bestupsStatus is the bit of what the UPS does, which means nothing on battery,
// in a test or before a shutdown, and the opposite with two models.
func bestupsStatus(u *Unit, r reading) (string, error) {
	kind := u.facts[bestupsKind]
	text := r.text
	switch {
	case !u.is("OL") || u.is("CAL") || u.is("FSD"):
		return "", nil
	case kind != "PR2" && kind != "PRO":
	case text == "1":
		text = "0"
	case text == "0":
		text = "1"
	}
	return bit(u, 40, text)
}

// bestupsTransfer is one of the voltages that a digit stands for.
func bestupsTransfer(u *Unit, r reading) (string, error) {
	if len(r.text) != 1 || r.text < "0" || r.text > "9" {
		return "", fmt.Errorf("%w: %q is no setting", errNone, r.text)
	}
	rows := bestupsVoltages[1]
	if u.float("input.voltage.nominal") <= 160 {
		rows = bestupsVoltages[0]
	}
	v := rows[r.text[0]-'0']
	return decimal(v[bestupsColumns[r.row.Name]], 0), nil
}

// bestupsColumns are the places of low, highest boosted, nominal, lowest
// trimmed and high in a row.
var bestupsColumns = map[string]int{
	"input.transfer.low": 0, "input.transfer.boost.low": 0, "input.transfer.boost.high": 1,
	"input.voltage.nominal": 2, "output.voltage.nominal": 2,
	"input.transfer.trim.low": 3, "input.transfer.trim.high": 4, "input.transfer.high": 4,
}

// bestupsVoltages are those of devices for up to 160 V, and of others.
var bestupsVoltages = [2][10][5]float64{{
	{96, 109, 120, 130, 146},
	{96, 109, 120, 138, 156},
	{90, 104, 120, 130, 146},
	{90, 104, 120, 138, 156},
	{90, 104, 110, 120, 130},
	{90, 104, 110, 130, 146},
	{90, 96, 110, 120, 130},
	{90, 96, 110, 130, 146},
	{96, 109, 128, 146, 156},
	{90, 104, 128, 146, 156},
}, {
	{200, 222, 240, 250, 284},
	{200, 222, 240, 264, 290},
	{188, 210, 240, 250, 284},
	{188, 210, 240, 264, 290},
	{188, 210, 230, 244, 270},
	{188, 210, 230, 250, 284},
	{180, 200, 230, 244, 270},
	{180, 200, 230, 250, 284},
	{165, 188, 208, 222, 244},
	{165, 188, 208, 244, 270},
}}
