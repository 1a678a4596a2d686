/* Gives a program a serial port with modem lines where it has a pseudo-terminal:
   those it reads are in the environment, those it sets are written to a file. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static int outputs;

static void tell(const char *what, int value)
{
	char line[64];
	int n = snprintf(line, sizeof line, "%s %d\n", what, value);
	int fd = open(getenv("LINES_OUT"), O_WRONLY | O_APPEND | O_CREAT, 0600);
	if (fd < 0 || write(fd, line, n) != n)
		abort();
	close(fd);
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	va_start(args, request);
	int *arg = va_arg(args, int *);
	va_end(args);
	switch (request) {
	case TIOCMGET:
		*arg = atoi(getenv("LINES_IN")) | outputs;
		return 0;
	case TIOCMBIS:
		outputs |= *arg;
		break;
	case TIOCMBIC:
		outputs &= ~*arg;
		break;
	case TIOCMSET:
		outputs = *arg & (TIOCM_DTR | TIOCM_RTS);
		break;
	default:
		return ((int (*)(int, unsigned long, void *))dlsym(RTLD_NEXT, "ioctl"))(fd, request, arg);
	}
	tell("lines", outputs & (TIOCM_DTR | TIOCM_RTS));
	return 0;
}

int tcsendbreak(int fd, int duration)
{
	(void)fd;
	tell("break", duration);
	return 0;
}
