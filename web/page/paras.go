package page

import "clipcase/flows"

// Para is a paragraph of a screen in words, or a list when Items is set; the
// shared template "paras" lays a list of them out.
type Para struct {
	Style flows.Style
	Text  string
	Items []string
}

// Paras are the blocks of a screen in the words of pages, neighbouring items as
// one list.
func (p *Pages) Paras(lang string, blocks []flows.Block) []Para {
	var all []Para
	for _, b := range blocks {
		text := p.Words(lang, b.Text)
		if b.Style != flows.StyleItem {
			all = append(all, Para{Style: b.Style, Text: text})
			continue
		}
		if n := len(all); n == 0 || all[n-1].Items == nil {
			all = append(all, Para{Style: flows.StyleItem})
		}
		last := &all[len(all)-1]
		last.Items = append(last.Items, text)
	}
	return all
}

// Heading takes the first title out of blocks; ok is false when there is none.
func Heading(blocks []flows.Block) (title flows.Text, rest []flows.Block, ok bool) {
	for i, b := range blocks {
		if b.Style == flows.StyleTitle {
			rest = append(rest, blocks[:i]...)
			return b.Text, append(rest, blocks[i+1:]...), true
		}
	}
	return flows.Text{}, blocks, false
}
