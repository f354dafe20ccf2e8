package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"clipcase/flows"
)

// deliver hands out what is made of a case's packs, one pack at a time for each
// chat and in their order. The ledger knows what was sent, so that each part adds
// to the one before.
type deliver struct {
	cfg     Config
	cases   Cases
	courier Courier
	packer  Packer
	notes   notes
	alerts  *alerts
	log     *slog.Logger
}

// run hands out everything that waits, also what is made meanwhile: its own task
// need not come back for that. A pack that comes later waits for the ones before.
func (d *deliver) run(ctx context.Context, t task, _ string) error {
	c, err := d.cases.Case(ctx, t.Case)
	if absent(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read case: %w", err)
	}
	tried := map[string]bool{}
	for {
		p := next(c, t)
		if p == nil {
			return nil
		}
		one := deliverTask(c.ID, p)
		if tried[one.id()] { // it changes with all that is made: this was handed out, and is not noted
			return nil
		}
		tried[one.id()] = true
		if c, err = d.pack(ctx, one); c == nil || err != nil {
			return err
		}
	}
}

// next is the first pack of c with something to hand out. One whose chat was
// closed to us is tried only by a task of its own.
func next(c *flows.Case, t task) *flows.Pack {
	for i := range c.Packs {
		p := &c.Packs[i]
		if p.Waits() && (!p.Stopped || p.Channel == t.Channel && p.Round == t.Round) {
			return p
		}
	}
	return nil
}

// pack hands out what there is of one pack and returns the case as it is then;
// nil when there is nothing more to do with it now.
func (d *deliver) pack(ctx context.Context, t task) (*flows.Case, error) {
	c, err := d.cases.Update(ctx, t.Case, func(c *flows.Case) ([]flows.Effect, error) {
		p := c.Pack(t.Channel)
		if p == nil || p.Round != t.Round || !p.Waits() {
			return nil, errNothing
		}
		return c.DeliveryBegun(t.Channel, t.Round, d.cfg.Clock())
	})
	if err == errNothing || absent(err) || conflicting(err) { //nolint:errorlint // Update returns it as it is
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("begin delivery: %w", err)
	}
	pack := c.Pack(t.Channel)
	err = d.courier.Deliver(ctx, c.Chat, ledger(t), d.packer.Items(c, pack))
	if err == nil {
		return d.delivered(ctx, t, pack)
	}
	return nil, d.failed(ctx, t, pack, err)
}

// ledger names the record of what was sent of this round.
func ledger(t task) string { return t.Case + ":" + t.Channel + ":" + strconv.Itoa(t.Round) }

// delivered notes that everything there was of the pack arrived.
func (d *deliver) delivered(ctx context.Context, t task, pack *flows.Pack) (*flows.Case, error) {
	whole := pack.State == flows.PackDelivering
	c, err := d.commit(ctx, t, func(c *flows.Case) ([]flows.Effect, error) {
		if !whole {
			return c.PartDelivered(t.Channel, t.Round, pack.Made())
		}
		return c.Delivered(t.Channel, t.Round, d.cfg.Clock())
	})
	if c == nil || err != nil {
		return c, err
	}
	log := d.log.With("case", t.Case, "channel", t.Channel, "round", t.Round)
	if !whole {
		log.Info("part delivered", "pieces", pack.Made())
		return c, nil
	}
	log.Info("delivered")
	return c, d.notes.clear(ctx, "deliver:"+ledger(t))
}

// failed sorts out why a delivery did not end: a blocked chat stops it, anything
// else is tried again ever more slowly; the ledger goes on where it was.
func (d *deliver) failed(ctx context.Context, t task, pack *flows.Pack, err error) error {
	if stopped(ctx, err) {
		return err
	}
	if dropped(ctx, d.cases, t.Case) {
		return nil
	}
	if errors.Is(err, ErrElsewhere) {
		return &later{after: grow(d.cfg.Later, 4, time.Minute), why: "elsewhere"}
	}
	class := flows.ClassOf(err)
	if class == flows.Forbidden {
		d.log.Info("delivery stopped: the chat is closed to us", "case", t.Case)
		return d.stop(ctx, t)
	}
	tries, countErr := d.notes.count(ctx, "deliver:"+ledger(t))
	if countErr != nil {
		return countErr
	}
	d.log.Warn("delivery waits", "case", t.Case, "channel", t.Channel, "try", tries, "class", class, "err", err)
	if pack.State == flows.PackDelivering && d.cfg.Clock().Sub(pack.Ready) > d.cfg.GiveUp {
		d.alerts.failure(ctx, t.Case, "")
		return d.stop(ctx, t)
	}
	if class != flows.Unavailable && tries == 5 {
		d.alerts.failure(ctx, t.Case, "")
	}
	return &later{after: grow(d.cfg.Later, tries-1, 10*time.Minute), why: string(class)}
}

func (d *deliver) stop(ctx context.Context, t task) error {
	_, err := d.commit(ctx, t, func(c *flows.Case) ([]flows.Effect, error) {
		return nil, c.DeliveryStopped(t.Channel, t.Round, d.cfg.Clock())
	})
	return err
}

// commit returns the case as it is then, nil when it does not want the change.
func (d *deliver) commit(ctx context.Context, t task, change func(*flows.Case) ([]flows.Effect, error)) (*flows.Case, error) {
	c, err := d.cases.Update(ctx, t.Case, change)
	if absent(err) || conflicting(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("commit delivery: %w", err)
	}
	return c, nil
}
