//go:build tools

// Package tools pins the Temporal CLI, whose `server start-dev` is the Temporal server of the demo and the tests.
package tools

import _ "github.com/temporalio/cli/cmd/temporal"
