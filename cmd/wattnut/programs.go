package main

// programs lists what this binary can be called as.
func programs() []program {
	return []program{}
}
