package usbdev

import (
	"fmt"
	"testing"
)

// TestChoice: what is said of a device chooses it, whatever it is called, and not its
// twin.
func TestChoice(t *testing.T) {
	i := Info{VendorID: 0x6da, ProductID: 2, Vendor: "Phoenixtec", Product: "USB Cable (V2.00)", Serial: "1+1", Bus: "001", Device: "004", Port: "1.4"}
	firm, fleeting := i.Choice()
	want := `[[vendorid 06DA] [productid 0002] [product USB Cable \(V2\.00\)] [serial 1\+1] [vendor Phoenixtec]] [[busport 004] [bus 001] [device 004]]`
	if got := fmt.Sprint(firm, fleeting); got != want {
		t.Errorf("got %s", got)
	}
	match, err := Selector{VendorID: firm[0][1], ProductID: firm[1][1], Product: firm[2][1], Serial: firm[3][1], Vendor: firm[4][1]}.Compile()
	if err != nil || !match(i) {
		t.Errorf("it is not chosen: %v", err)
	}
	if i.Serial = "11"; match(i) {
		t.Error("its twin is chosen")
	}
	if firm, fleeting := (Info{}).Choice(); len(firm) != 2 || fleeting != nil {
		t.Errorf("of nothing known: %v, %v", firm, fleeting)
	}
}
