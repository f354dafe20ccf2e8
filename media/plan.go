package media

// Source is one original as planning sees it.
type Source struct {
	Probe Probe
	Key   *Range // the key moment, named by the person or chosen; nil = the whole is one
}

// Wish is what one channel wants of all originals of a case.
type Wish struct {
	Recipes  []Recipe                                        // in the order the files are handed in
	Prefix   string                                          // file names begin with it: date and case number
	Label    string                                          // words for Recipe.Label; the piece's number is added
	Caption  func(source, number, of int, at float64) string // words under a still; nil = none
	Source   string                                          // where the channel's limits come from
	MaxFiles int                                             // files the channel takes at once; 0 = no limit
}
