package conf

import (
	"fmt"
	"strings"
)

// checkWhen checks SHUTDOWN_WHEN.
func checkWhen(args []string) string { return checkPairs(args[1:], "ONBATTERY", "CHARGE", "RUNTIME") }

// checkAgree checks LOWBATT_AGREE.
func checkAgree(args []string) string { return checkPairs(args[1:], "CHARGE", "RUNTIME", "FOR") }

// checkPairs checks words of which every other one is a name, and has a number
// behind it: a CHARGE in percent, all others in seconds.
func checkPairs(words []string, names ...string) string {
	one := oneOf(names...)
	seen := make(map[string]bool)
	for i := 0; i < len(words); i += 2 {
		name := strings.ToUpper(words[i])
		complaint, ok := one(name)
		switch {
		case !ok:
			return fmt.Sprintf("%q %s", words[i], complaint)
		case seen[name]:
			return name + " is there twice"
		case i+1 == len(words):
			return name + " needs a number behind it"
		}
		seen[name] = true
		if complaint := checkLimit(name, words[i+1]); complaint != "" {
			return complaint
		}
	}
	return ""
}

func checkLimit(name, value string) string {
	d, rest, ok := Seconds(value)
	switch {
	case !ok || rest != "" || d <= 0:
		return fmt.Sprintf("%s: %q is no number above 0", name, value)
	case name == "CHARGE" && d.Seconds() > 100:
		return fmt.Sprintf("CHARGE: %s is more than 100 percent", value)
	}
	return ""
}
