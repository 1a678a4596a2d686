package client_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/client"
)

// exampleServer answers like an upsd with one UPS, and returns its address.
func exampleServer() (address string, stop func()) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		script{
			"GET VAR rack1 ups.status":                          "VAR rack1 ups.status \"OL CHRG\"\n",
			"GET VAR rack1 battery.charge":                      "VAR rack1 battery.charge \"87\"\n",
			"GET VAR rack1 ambient.humidity":                    "ERR VAR-NOT-SUPPORTED\n",
			"LIST CMD rack1":                                    "BEGIN LIST CMD rack1\nCMD rack1 beeper.mute\nEND LIST CMD rack1\n",
			"USERNAME admin":                                    "OK\n",
			"PASSWORD \"pass word\"":                            "OK\n",
			"SET TRACKING ON":                                   "OK\n",
			"INSTCMD rack1 beeper.mute":                         "OK TRACKING 1bd31808-cb49-4aec-9d75-d056e6f018d2\n",
			"GET TRACKING 1bd31808-cb49-4aec-9d75-d056e6f018d2": "SUCCESS\n",
		}.answer(conn)
	}()
	return listener.Addr().String(), func() { listener.Close() }
}

func Example() {
	address, stop := exampleServer()
	defer stop()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()

	c, err := client.Dial(ctx, address, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	status, err := c.GetVar(ctx, "rack1", "ups.status")
	fmt.Println(status, err)
	_, err = c.GetVar(ctx, "rack1", "ambient.humidity")
	fmt.Println(err, errors.Is(err, nut.ErrVarNotSupported))
	// Output:
	// OL CHRG <nil>
	// GET VAR rack1 ambient.humidity: VAR-NOT-SUPPORTED true
}

// Several questions in one round trip.
func ExampleClient_Do() {
	address, stop := exampleServer()
	defer stop()
	ctx := context.Background()
	c, err := client.Dial(ctx, address, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()

	charge := client.GetVar("rack1", "battery.charge")
	commands := client.ListCmd("rack1")
	if err := c.Do(ctx, charge, commands); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(charge.Result())
	fmt.Println(commands.Result())
	// Output:
	// 87 <nil>
	// [beeper.mute] <nil>
}

// An order, and what became of it.
func ExampleClient_Wait() {
	address, stop := exampleServer()
	defer stop()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c, err := client.Dial(ctx, address, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()

	if err := c.Authenticate(ctx, "admin", "pass word"); err != nil {
		fmt.Println(err)
		return
	}
	if err := c.SetTracking(ctx, true); err != nil {
		fmt.Println(err)
		return
	}
	ticket, err := c.InstCmd(ctx, "rack1", "beeper.mute")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Wait(ctx, ticket, 200*time.Millisecond))
	// Output: <nil>
}
