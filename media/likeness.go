package media

// Likeness is how alike two files look that should show the same. Both are brought
// to one size, so that what differs is what people see.
type Likeness struct {
	Pictures int     `json:"pictures"` // that were laid over each other
	SSIM     float64 `json:"ssim"`     // of all of them, 0..1
	Least    float64 `json:"least"`    // of the half second that differs most
	Spot     float64 `json:"spot"`     // mean difference, 0..255, of the small part that differs most throughout half a second
}

// How alike a piece and the one made again must be. Measured on screens: two ways of
// encoding the same pictures gave 0.983, 0.954 and 19; a second later 0.71, 0.66
// and 190; one letter painted over 0.994, 0.992 and 163.
const (
	alikeSSIM  = 0.93
	alikeLeast = 0.85
	alikeSpot  = 40.0
)

// Same says whether both can have come from the same pictures.
func (l Likeness) Same() bool {
	return l.Pictures > 0 && l.SSIM >= alikeSSIM && l.Least >= alikeLeast && l.Spot <= alikeSpot
}
