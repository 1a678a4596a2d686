#!/bin/sh
# After an installation or an upgrade, under dpkg, rpm, apk and pacman alike.
# A site that has /etc/nut keeps it: /etc/wattnut comes into being only where
# there is neither, and what is in it is never written to again.
set -e

samples=/usr/share/wattnut/etc

have() { command -v "$1" >/dev/null 2>&1; }
booted_by_systemd() { [ -d /run/systemd/system ] && have systemctl; }

if have systemd-sysusers; then
	systemd-sysusers wattnut.conf
elif ! getent passwd nut >/dev/null 2>&1; then
	if have addgroup && have adduser; then # busybox's
		addgroup -S nut
		adduser -S -D -H -h /var/lib/wattnut -G nut -g "UPS daemon" nut
		addgroup nut dialout 2>/dev/null || true
	else
		useradd --system --user-group --no-create-home --home-dir /var/lib/wattnut --groups dialout nut
	fi
fi
if have systemd-tmpfiles; then
	systemd-tmpfiles --create wattnut.conf || true
else
	install -d -m 770 -o root -g nut /run/nut
	install -d -m 750 -o nut -g nut /var/lib/wattnut
fi

if [ ! -e /etc/wattnut ] && [ ! -e /etc/nut/ups.conf ]; then
	install -d -m 750 -o root -g nut /etc/wattnut
	for file in "$samples"/*; do
		install -m 640 -o root -g nut "$file" /etc/wattnut/
	done
fi

if have systemd-hwdb; then systemd-hwdb update || true; fi
if have udevadm && [ -d /run/udev ]; then
	udevadm control --reload || true
	udevadm trigger --subsystem-match=usb --subsystem-match=hidraw --action=change || true
fi

if booted_by_systemd; then
	systemctl daemon-reload || true
	if [ "$(systemctl is-active nut-server.service nut-monitor.service 2>/dev/null | grep -c '^active')" -gt 0 ]; then
		echo "wattnut: NUT runs on this host and was left alone. To change over: systemctl disable --now nut-server nut-monitor; systemctl enable --now wattnut"
		exit 0
	fi
fi
# The first time only: who has disabled the service has done so on purpose. Under apk
# and pacman, packages start nothing that was not asked for.
before="$1${2:+ upgrade}"
if [ -e /var/lib/wattnut/removed ]; then
	rm -f /var/lib/wattnut/removed
	before=1
fi
case "$before" in
configure | 1 | "")
	if have systemctl; then
		systemctl enable wattnut.service >/dev/null 2>&1 || true
	fi
	if booted_by_systemd; then systemctl start wattnut.service || true; fi
	;;
*) # an upgrade; or, with a version in $1, apk's and pacman's first time, where nothing runs yet
	if booted_by_systemd; then
		systemctl try-restart wattnut.service wattnut-server.service wattnut-monitor.service || true
	elif have rc-service; then
		rc-service --ifstarted wattnut restart || true
	fi
	;;
esac
