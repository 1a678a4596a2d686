package history

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"runtime/debug"
	"slices"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
)

const (
	lockWait = 200 * time.Millisecond // for another agent to let go of the file
	maxSize  = 256 << 20              // bytes of the file
)

// The buckets of the file, whose keys are UPSes and whose values are JSON.
var (
	accountsBucket = []byte("accounts")
	outagesBucket  = []byte("outages")
)

// errDamaged is a file that is no history.
var errDamaged = errors.New("the file is damaged")

// record is what the file has of one UPS.
type record struct {
	key     string
	account Account
	past    []Outage // in save, nil for those that the file has
	mark    mark     // of the entry that it was made of
}

// file is a bbolt database. A write of it is there as a whole or not at all,
// whatever ends the program or the host.
type file struct{ db *bbolt.DB }

func openFile(path string) (*file, error) {
	f := new(file)
	err := safely(func() (err error) {
		f.db, err = bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockWait, MaxSize: maxSize, NoStatistics: true})
		return err
	})
	_, isPath := errors.AsType[*fs.PathError](err)
	_, isErrno := errors.AsType[syscall.Errno](err)
	switch {
	case err == nil:
		return f, nil
	case errors.Is(err, bbolt.ErrTimeout): //nolint:staticcheck // the same value as that of bbolt's package errors
		return nil, errors.New("another agent has it")
	case isPath, isErrno, errors.Is(err, errDamaged):
		return nil, err
	}
	return nil, fmt.Errorf("%w: %w", errDamaged, err)
}

func (f *file) close() error { return f.db.Close() }

// load reads everything.
func (f *file) load() (all []record, err error) {
	err = safely(func() error {
		return f.db.View(func(tx *bbolt.Tx) error {
			accounts, outages := tx.Bucket(accountsBucket), tx.Bucket(outagesBucket)
			if accounts == nil || outages == nil {
				return nil
			}
			return accounts.ForEach(func(key, value []byte) error {
				r, err := decode(key, value, outages.Get(key))
				all = append(all, r)
				return err
			})
		})
	})
	return all, err
}

// save writes records, all or none.
func (f *file) save(records []record) error {
	return safely(func() error {
		return f.db.Update(func(tx *bbolt.Tx) error {
			accounts, err := tx.CreateBucketIfNotExists(accountsBucket)
			if err != nil {
				return err
			}
			outages, err := tx.CreateBucketIfNotExists(outagesBucket)
			if err != nil {
				return err
			}
			for _, r := range records {
				if err := put(accounts, r.key, r.account); err != nil {
					return err
				}
				if r.past == nil {
					continue
				}
				if err := put(outages, r.key, r.past); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func put(b *bbolt.Bucket, key string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return b.Put([]byte(key), text)
}

// decode reads what the file has of one UPS. past is nil for no outages.
func decode(key, account, past []byte) (record, error) {
	r := record{key: string(key)}
	err := json.Unmarshal(account, &r.account)
	if err == nil && past != nil {
		err = json.Unmarshal(past, &r.past)
	}
	a := &r.account
	switch {
	case err != nil:
		return record{}, fmt.Errorf("%w: history of %q: %w", errDamaged, key, err)
	case !(a.Measured >= 0) || !(a.Estimated >= 0) || math.IsInf(a.Measured+a.Estimated, 0), a.OnBattery < 0:
		return record{}, fmt.Errorf("%w: history of %q: a sum is less than nothing", errDamaged, key)
	}
	maps.DeleteFunc(a.Transfers, func(c Cause, _ uint64) bool { return !slices.Contains(Causes(), c) })
	r.past = r.past[max(0, len(r.past)-maxOutages):]
	return r, nil
}

// safely makes errors of the panics in bbolt, and of the faults of memory that
// a file gives that is shorter than it says.
func safely(do func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if what := recover(); what != nil {
			err = fmt.Errorf("%w: %v", errDamaged, what)
		}
	}()
	return do()
}
