#!/bin/sh
# Before a removal nothing is left running. An upgrade goes on with what runs, and
# has it restarted afterwards.
set -e

case "$1" in
upgrade | 1) exit 0 ;; # of dpkg, of rpm
esac
# For dpkg, a later installation goes on with what was configured once, as an
# upgrade does; this tells it that all was stopped and disabled.
[ ! -d /var/lib/wattnut ] || : >/var/lib/wattnut/removed
if command -v systemctl >/dev/null 2>&1; then
	if [ -d /run/systemd/system ]; then
		systemctl stop wattnut-web.socket wattnut.service wattnut-server.service wattnut-monitor.service || true
	fi
	systemctl disable wattnut-web.socket wattnut.service wattnut-server.service wattnut-monitor.service >/dev/null 2>&1 || true
fi
