module ropeway.test/ropewaytest

go 1.22
