package main

import (
	"context"
	"fmt"
	"time"

	"clipcase/flows/pass"
	"clipcase/storage"
)

// links makes the addresses that the chat gives to people; each holds a code
// that only its hash is kept of.
type links struct {
	doors  *storage.Doors
	public string // PUBLIC_URL
	clock  func() time.Time
}

// Upload implements flows.Links.
func (l *links) Upload(ctx context.Context, actor, chat, caseID, lang string) (string, error) {
	code, err := l.doors.NewGrant(ctx, pass.Grant{
		Actor: actor, Chat: chat, Case: caseID, Lang: lang,
		Bytes: pass.GrantBytes, Files: pass.GrantFiles, Expires: l.clock().Add(pass.GrantTTL),
	})
	if err != nil {
		return "", fmt.Errorf("upload link: %w", err)
	}
	return l.public + "/upload/" + code, nil
}

// Enter implements flows.Links.
func (l *links) Enter(ctx context.Context, actor, caseID, lang string) (string, error) {
	to := "/"
	if caseID != "" {
		token, err := l.doors.CaseToken(ctx, caseID)
		if err != nil {
			return "", fmt.Errorf("link of the case: %w", err)
		}
		to = "/case/" + token
	}
	code, err := l.doors.NewLogin(ctx, pass.Login{Actor: actor, Lang: lang, To: to, Expires: l.clock().Add(pass.LoginTTL)})
	if err != nil {
		return "", fmt.Errorf("login link: %w", err)
	}
	return l.public + "/login/" + code, nil
}
