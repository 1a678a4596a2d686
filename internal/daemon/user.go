package daemon

// Become makes this process one of the named user; see [Becoming].
func Become(name string) error {
	become, err := Becoming(name)
	if err != nil {
		return err
	}
	return become()
}
