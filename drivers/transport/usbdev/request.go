package usbdev

// Requests of the control endpoint: of HID devices (HID specification 1.11, 7.1 and
// 7.2) and of all (USB 2.0, 9.4).
const (
	ToDevice, FromDevice       = 0x00, 0x80 // requestType: the device as a whole
	ToInterface, FromInterface = 0x01, 0x81
	ToEndpoint                 = 0x02
	ClassToInterface           = 0x21
	ClassFromInterface         = 0xa1
	ClearFeature               = 0x01
	SetInterface               = 0x0b
	GetReportRequest           = 0x01
	SetReportRequest           = 0x09
	HIDDescriptor              = 0x21
	ReportDescriptor           = 0x22
	MaxDescriptor              = 4096 // HID_MAX_DESCRIPTOR_SIZE of Linux
)
