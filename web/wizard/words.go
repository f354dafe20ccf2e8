package wizard

import "clipcase/flows"

// say is a text in the words of pages.
func (z *Wizard) say(lang string, t flows.Text) string { return z.pages.Words(lang, t) }

// word is say for a key of the wizard's own.
func (z *Wizard) word(lang, key string, pairs ...any) string {
	return z.say(lang, flows.T("web.wizard."+key, pairs...))
}
