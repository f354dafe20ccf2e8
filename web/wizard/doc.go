// Package wizard shows the conversation as pages: the step in hand as a form,
// what was handed in, how the work goes. What is asked next is decided by the
// conversation, who may look by the visitors it is given.
package wizard
