#!/bin/sh
# After a removal. Configuration and history stay, unless dpkg is told to purge.
# The user stays: files may be its own.
set -e

if [ "$1" = purge ]; then
	rm -rf /etc/wattnut /var/lib/wattnut /etc/default/wattnut
fi
if [ -d /run/systemd/system ] && command -v systemctl >/dev/null 2>&1; then
	systemctl daemon-reload || true
fi
