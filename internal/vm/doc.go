// Package vm boots Linux in a virtual machine, for tests of what only a kernel
// of one's own can show: a machine that powers off, a device that comes and goes.
//
// The machine is qemu without KVM: Debian's kernel, and a first file system that
// [Start] puts together of busybox, kernel modules, programs of ours or of the
// distribution, and files that the test brings. There is no network, and no disk
// unless Config.Disk names one; what is left of it when the test ends is its
// console, in the test's log if the test has failed. It boots in 2 seconds of a
// free processor.
//
// "make test-vm" fetches what is needed and sets WATTNUT_VM to its folder; without
// it the tests are skipped.
package vm
