// Package payroll is a nightly script as many have one: it signs in with a name and a password.
package payroll

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	msal "github.com/AzureAD/microsoft-authentication-library-for-go/apps/errors"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"
)

const legacyTool = "e0a91000-0000-4000-8000-00000000000c"

var (
	scopes         = []string{"api://employees.alpine.test/Employees.Read"}
	mustUseBrowser = []int{50076, 50079, 65001}
)

// ErrBrowser says that the person must sign in with a browser once; a script cannot.
var ErrBrowser = errors.New("must sign in with a browser once; a script cannot")

// SignIn is an access token for the API.
func SignIn(ctx context.Context, authority, user, password string) (string, error) {
	app, err := public.New(legacyTool, public.WithAuthority(authority), public.WithInstanceDiscovery(false))
	if err != nil {
		return "", err
	}
	result, err := app.AcquireTokenByUsernamePassword(ctx, scopes, user, password)
	var refused msal.CallErr
	if errors.As(err, &refused) {
		var body struct {
			Codes       []int  `json:"error_codes"`
			Description string `json:"error_description"`
		}
		if json.NewDecoder(refused.Resp.Body).Decode(&body) == nil {
			if slices.ContainsFunc(body.Codes, func(code int) bool { return slices.Contains(mustUseBrowser, code) }) {
				return "", fmt.Errorf("%s %w", user, ErrBrowser)
			}
			return "", errors.New(body.Description)
		}
	}
	return result.AccessToken, err
}
