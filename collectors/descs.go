package collectors

// Descs returns the families that come from no single variable: contact,
// status, what a UPS and its parts are, its history, and numbers without a place
// in the vocabulary, whose name ends in that of the variable.
func Descs() []*Desc {
	all := []*Desc{upDesc, ageDesc, infoDesc}
	for _, d := range details {
		all = append(all, d.desc)
	}
	all = append(all, statusDesc)
	for _, f := range flags {
		all = append(all, f.desc)
	}
	all = append(all, historyDescs...)
	return append(all, textDesc, &Desc{Name: "nut_unmapped_...", Help: unmappedHelp, Labels: unmappedLabels})
}
