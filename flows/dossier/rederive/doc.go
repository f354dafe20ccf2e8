// Package rederive makes the files of a bag again from the originals in it and says
// whether they can have come from these; whether the bag itself holds is verify's.
package rederive
