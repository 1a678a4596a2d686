package agent

import (
	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/agent/server"
	"github.com/wattnut/wattnut/nut"
)

// accounts is the user file as the server takes it.
func accounts(users []config.User) []server.Account {
	all := make([]server.Account, len(users))
	for i, u := range users {
		all[i] = server.Account{
			Name: u.Name, Password: string(u.Password),
			Rights: server.Rights{
				Login: u.Login, Primary: u.Primary, FSD: u.FSD, Set: u.Set,
				AllCommands: u.AllCommands, Commands: u.Commands,
			},
		}
	}
	return all
}

// vocabulary is [server.Descriptions] over the built-in words.
type vocabulary struct{}

// Variable implements [server.Descriptions].
func (vocabulary) Variable(name nut.Name) string {
	if e, ok := nut.Describe(name); ok {
		return e.Text
	}
	return ""
}

// Command implements [server.Descriptions].
func (vocabulary) Command(name nut.Name) string {
	if e, ok := nut.DescribeCommand(name); ok {
		return e.Text
	}
	return ""
}
