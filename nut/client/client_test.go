package client_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/client"
)

func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serve(t, script{"LIST VAR u": "BEGIN LIST VAR u\nVAR u a \"1\"\n"}, &client.Options{Timeout: 3 * time.Second})
		start := time.Now()
		list, err := c.ListVar(t.Context(), "u")
		if !errors.Is(err, os.ErrDeadlineExceeded) || list != nil {
			t.Errorf("got %q, %v", list, err)
		}
		if got := time.Since(start); got != 3*time.Second {
			t.Errorf("after %v", got)
		}
		if _, err = c.ListUPS(t.Context()); !errors.Is(err, client.ErrUnusable) || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("the next call: %v", err)
		}
	})
}

func TestContextInterrupts(t *testing.T) {
	cause := errors.New("enough")
	for name, tt := range map[string]struct {
		limit func(context.Context) (context.Context, context.CancelFunc)
		want  error
	}{
		"deadline": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Second)
		}, context.DeadlineExceeded},
		"cancel": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(ctx)
			time.AfterFunc(time.Second, func() { cancel(cause) })
			return ctx, func() { cancel(nil) }
		}, cause},
		"before": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return ctx, cancel
		}, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := serve(t, nil, nil)
				ctx, cancel := tt.limit(t.Context())
				defer cancel()
				if _, err := c.GetVar(ctx, "u", "a"); !errors.Is(err, tt.want) {
					t.Errorf("got %v, want %v", err, tt.want)
				}
				if _, err := c.GetVar(t.Context(), "u", "a"); !errors.Is(err, client.ErrUnusable) || !errors.Is(err, tt.want) {
					t.Errorf("the next call: %v", err)
				}
			})
		})
	}
}

// A context that ends between calls does not reach into the next one.
func TestContextOfAnEarlierCall(t *testing.T) {
	c := serve(t, script{"GET VAR u a": "VAR u a \"1\"\n"}, nil)
	for range 200 {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := c.GetVar(ctx, "u", "a")
		cancel()
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestPipelineIsOneWrite(t *testing.T) {
	near, far := net.Pipe()
	c := client.New(near, nil)
	defer c.Close()
	status, cmds, vers := client.GetVar("u", "ups.status"), client.ListCmd("u"), client.NumLogins("u")
	asked := make(chan string, 1)
	go func() {
		data := make([]byte, 4096)
		n, _ := far.Read(data)
		asked <- string(data[:n])
		io.WriteString(far, "ERR DATA-STALE\nBEGIN LIST CMD u\nCMD u load.off\nEND LIST CMD u\nNUMLOGINS u 2\n")
	}()
	if err := c.Do(t.Context(), status, cmds, vers); err != nil {
		t.Fatal(err)
	}
	if got, want := <-asked, "GET VAR u ups.status\nLIST CMD u\nGET NUMLOGINS u\n"; got != want {
		t.Errorf("one write had %q, want %q", got, want)
	}
	if _, err := status.Result(); !errors.Is(err, nut.ErrDataStale) {
		t.Errorf("status: %v", err)
	}
	if list, err := cmds.Result(); err != nil || len(list) != 1 || list[0] != "load.off" {
		t.Errorf("commands: %q, %v", list, err)
	}
	if n, err := vers.Result(); err != nil || n != 2 {
		t.Errorf("logins: %d, %v", n, err)
	}
}

// Neither side may wait for the other for ever, however much is asked at once.
func TestPipelineOfMany(t *testing.T) {
	s := script{}
	var calls []client.Request
	for i := range 2000 {
		name := fmt.Sprintf("input.%d", i)
		s["GET VAR u "+name] = fmt.Sprintf("VAR u %s \"%d\"\n", name, i)
		calls = append(calls, client.GetVar("u", nut.Name(name)))
	}
	c := serve(t, s, nil)
	if err := c.Do(t.Context(), calls...); err != nil {
		t.Fatal(err)
	}
	for i, q := range calls {
		if got, err := q.(*client.Call[string]).Result(); err != nil || got != fmt.Sprint(i) {
			t.Fatalf("call %d: %q, %v", i, got, err)
		}
	}
}

func TestPipelineThatBreaks(t *testing.T) {
	c := serve(t, script{"GET VAR u a": "VAR u a \"1\"\n", "GET VAR u b": "EOF"}, nil)
	a, b, last := client.GetVar("u", "a"), client.GetVar("u", "b"), client.GetVar("u", "c")
	err := c.Do(t.Context(), a, b, last)
	if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.HasPrefix(err.Error(), "GET VAR u b: ") {
		t.Errorf("Do: %v", err)
	}
	if v, err := a.Result(); v != "1" || err != nil {
		t.Errorf("the first: %q, %v", v, err)
	}
	for _, q := range []*client.Call[string]{b, last} {
		if _, got := q.Result(); !errors.Is(got, err) {
			t.Errorf("%s: %v", q, got)
		}
	}
}

func TestArgumentsThatCannotBeSent(t *testing.T) {
	near, far := net.Pipe()
	c := client.New(near, nil)
	defer c.Close()
	sent := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(far).ReadString('\n')
		sent <- line
		io.WriteString(far, "OK\n")
	}()
	for _, bad := range []string{"a\nb", "a\x00", "caf\u00e9", "\t", strings.Repeat("x", 513)} {
		_, err := c.Set(t.Context(), "u", "a", bad)
		if !errors.Is(err, client.ErrArgument) || strings.Contains(err.Error(), bad) {
			t.Errorf("%q: %v", bad, err)
		}
		if err := c.Authenticate(t.Context(), "me", bad); !errors.Is(err, client.ErrArgument) {
			t.Errorf("password %q: %v", bad, err)
		}
	}
	if _, err := c.Set(t.Context(), `a b`, "c", `"\#= x`); err != nil {
		t.Errorf("an argument that can: %v", err)
	}
	if got, want := <-sent, `SET VAR "a b" c "\"\\\#= x"`+"\n"; got != want {
		t.Errorf("the first line is %q, want %q", got, want)
	}
}

func TestClosed(t *testing.T) {
	c := serve(t, nil, nil)
	c.Close()
	if _, err := c.ListUPS(t.Context()); !errors.Is(err, client.ErrUnusable) {
		t.Errorf("got %v", err)
	}
}

func TestFallBackToOldWords(t *testing.T) {
	old := script{
		"PRIMARY u": "ERR UNKNOWN-COMMAND\n", "MASTER u": "OK MASTER-GRANTED\n",
		"PROTVER": "ERR UNKNOWN-COMMAND\n", "NETVER": "1.2\n",
	}
	c := serve(t, old, nil)
	if err := c.Primary(t.Context(), "u"); err != nil {
		t.Error(err)
	}
	if v, err := c.ProtocolVersion(t.Context()); v != "1.2" || err != nil {
		t.Errorf("%q, %v", v, err)
	}
	c = serve(t, script{"PRIMARY u": "ERR ACCESS-DENIED\n"}, nil)
	if err := c.Primary(t.Context(), "u"); !errors.Is(err, nut.ErrAccessDenied) {
		t.Error(err)
	}
}

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serve(t, script{"GET TRACKING a": "PENDING\n", "GET TRACKING b": "SUCCESS\n", "GET TRACKING c": "ERR FAILED\n"}, nil)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second+time.Millisecond)
		defer cancel()
		start := time.Now()
		if err := c.Wait(ctx, "b", time.Second); err != nil {
			t.Error(err)
		}
		if err := c.Wait(ctx, "c", time.Second); !errors.Is(err, nut.ErrFailed) {
			t.Error(err)
		}
		if err := c.Wait(ctx, "a", time.Second); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if got := time.Since(start).Truncate(time.Second); got != 10*time.Second {
			t.Errorf("waited %v", got)
		}
	})
}

func TestDialErrors(t *testing.T) {
	for _, address := range []string{"localhost:", "[::1", "[::1]x", ":3493", "a:b:c"} {
		if _, err := client.Dial(t.Context(), address, nil); err == nil || !strings.Contains(err.Error(), address) {
			t.Errorf("%q: %v", address, err)
		}
	}
}
