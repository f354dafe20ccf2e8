package media

// Job is the work on one original for one channel: the pieces are rendered in
// the order they stand in. Of several originals the order of handing in is
// Piece.Number's.
type Job struct {
	Path   string // the original, readable, never changed
	Probe  Probe
	Pieces []Piece // from Plan
	Dir    string  // existing, empty folder; finished pieces appear in it under Piece.Name by atomic rename

	// Ahead are animations that a later job with the same Shelf makes of the original:
	// where this one reads their stretch, what they are made from is put there.
	Ahead []Piece
	Shelf string // existing folder, on Dir's disk, that jobs of one original share; "" = none
}

// Piece is one planned file. Equal pieces of equal sources render the same way.
type Piece struct {
	Name   string `json:"name"`   // file name: ASCII, sortable, no folder
	Number int    `json:"number"` // its place among the files of the channel, from 1; those made on request are counted apart
	Of     int    `json:"of"`     // how many were planned
	Kind   Kind   `json:"kind"`
	Codec  string `json:"codec"` // ffprobe's name: hevc, h264, gif, mjpeg, png
	Range  Range  `json:"range"` // of the original; a still has Start == End

	Width  int     `json:"width"` // pixels, even for video
	Height int     `json:"height"`
	FPS    float64 `json:"fps"` // 0 for stills

	MaxBytes int64 `json:"max_bytes"` // never larger; 0 = no limit
	Target   int64 `json:"target"`    // bytes wished, what quieter pieces before it left included once it is made; 0 = only quality counts
	Bitrate  int64 `json:"bitrate"`   // mean bits a second at most; 0 = none
	Audio    int64 `json:"audio"`     // bits a second; 0 = no sound track

	Label    string `json:"label"`    // words burnt in at a corner; "" = none
	Timecode bool   `json:"timecode"` // running time of the original burnt in
	Caption  string `json:"caption"`  // words under a still; "" = none
	Source   string `json:"source"`   // where MaxBytes comes from (catalogue), for the fit proof
}

// Made is a piece that exists, measured after it was finished.
type Made struct {
	Piece    Piece
	File     string // path inside Job.Dir
	Bytes    int64
	SHA256   string // hex
	Width    int
	Height   int
	Duration float64 // 0 for stills
	FPS      float64
	Codec    string
	Fit      []Fit
	Quality  *Quality
	Damaged  bool       // reading the original needed tolerance while this piece was made
	How      Derivation // without the catalogue's version, which the planner knows
}

// Fit is one limit with what was measured against it.
type Fit struct {
	Limit  string  `json:"limit"` // bytes, total_bytes, long_side, short_side, fps, duration, bitrate
	Max    float64 `json:"max"`
	Value  float64 `json:"value"`
	Source string  `json:"source"`
}

// OK says whether the limit is kept.
func (f Fit) OK() bool { return f.Value <= f.Max }

// Quality is how close a piece is to its source. A figure that was not measured is nil.
type Quality struct {
	Legibility *float64 `json:"legibility"`      // 0..1, share of text that can still be read
	SSIM       *float64 `json:"ssim"`            // 0..1
	Edges      *float64 `json:"edges,omitempty"` // 0..1, SSIM where there are strong edges, if no text is read
}

// Progress is how far one piece of a job is: Done of the piece at Index, 0..1.
// Pieces that are made together are told of in turn. Effort is what making it takes,
// in times of what a quiet screen of its size does; 0 = not known (yet).
type Progress struct {
	Index  int
	Name   string
	Done   float64
	Effort float64
}
