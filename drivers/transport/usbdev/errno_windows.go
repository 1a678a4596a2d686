package usbdev

// errnos is empty: what goes wrong is libusb's to tell.
var errnos []struct{ errno, means error }
