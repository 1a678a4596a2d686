#!/bin/sh
# Before a removal nothing is left running. An upgrade goes on with what runs, and
# has it restarted afterwards.
set -e

case "$1" in
upgrade | 1) exit 0 ;; # of dpkg, of rpm
esac
# For dpkg, a later installation goes on with what was configured once, as an
# upgrade does; this tells it that all was stopped and disabled.
if [ "$1" = remove ] && [ -d /var/lib/wattnut ]; then : >/var/lib/wattnut/removed; fi
if command -v rc-service >/dev/null 2>&1; then
	rc-service --ifstarted wattnut stop || true
	rc-update -q delete wattnut 2>/dev/null || true
fi
if command -v systemctl >/dev/null 2>&1; then
	if [ -d /run/systemd/system ]; then
		systemctl stop wattnut-web.socket wattnut.service wattnut-server.service wattnut-monitor.service || true
	fi
	systemctl disable wattnut-web.socket wattnut.service wattnut-server.service wattnut-monitor.service >/dev/null 2>&1 || true
fi
