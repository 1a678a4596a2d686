package usbdev

// Requests of the control endpoint: of all devices (USB 2.0, 9.4) and of HID devices
// (HID specification 1.11, 7.1 and 7.2): their types, which say which way data goes and
// whom they are for, their numbers, and types of descriptors.
const (
	FromDevice         = 0x80
	ToInterface        = 0x01
	FromInterface      = 0x81
	ToEndpoint         = 0x02
	ClassToInterface   = 0x21
	ClassFromInterface = 0xa1

	ClearFeature     = 0x01
	GetDescriptor    = 0x06
	SetInterface     = 0x0b
	GetReportRequest = 0x01
	SetReportRequest = 0x09

	StringDescriptor = 0x03
	HIDDescriptor    = 0x21
	ReportDescriptor = 0x22

	English       = 0x0409 // the language to ask for if the device names none
	MaxDescriptor = 4096   // no report descriptor is larger: HID_MAX_DESCRIPTOR_SIZE of Linux
)
