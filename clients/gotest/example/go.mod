module payroll

go 1.26

require (
	github.com/AzureAD/microsoft-authentication-library-for-go v1.10.1
	ropeway.test/ropewaytest v0.0.0
)

require (
	github.com/golang-jwt/jwt/v5 v5.3.1 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/kylelemons/godebug v1.1.0 // indirect
	github.com/pkg/browser v0.0.0-20240102092130-5ac0b6a4141c // indirect
	golang.org/x/sync v0.22.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
)

replace ropeway.test/ropewaytest => ../
