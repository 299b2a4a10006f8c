// The Go side of the tests: commands come on standard input, a line each, and the answer is one line too.
//
// Arguments are the address of a member and the name of its cluster. README.md lists the commands.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/hazelcast/hazelcast-go-client"
	"github.com/hazelcast/hazelcast-go-client/logger"
	"github.com/hazelcast/hazelcast-go-client/nearcache"
	"github.com/hazelcast/hazelcast-go-client/predicate"
)

const (
	key      = "key"
	found    = "found"
	patience = 20 * time.Second
)

type peer struct {
	client *hazelcast.Client
	heard  map[string]chan string
	owner  context.Context
}

func main() {
	ctx := context.Background()
	config := hazelcast.Config{}
	config.Logger.Level = logger.OffLevel
	config.Cluster.Name = os.Args[2]
	config.Cluster.Network.SetAddresses(os.Args[1])
	config.Serialization.Compact.SetSerializers(OrderSerializer{})
	config.Serialization.SetPortableFactories(PointFactory{})
	config.AddNearCache(nearcache.Config{Name: "near-*"})
	client, err := hazelcast.StartNewClientWithConfig(ctx, config)
	if err != nil {
		fmt.Println("FAILED", err)
		return
	}
	p := &peer{client: client, heard: map[string]chan string{}}
	fmt.Println("OK ready")
	for commands := bufio.NewScanner(os.Stdin); commands.Scan(); {
		text, err := p.run(ctx, strings.Split(commands.Text(), " "))
		if err != nil {
			fmt.Println("FAILED", strings.ReplaceAll(err.Error(), "\n", " | "))
		} else {
			fmt.Println("OK", text)
		}
	}
	client.Shutdown(ctx)
}

func (p *peer) run(ctx context.Context, words []string) (string, error) {
	name, what := words[1], ""
	if len(words) > 2 {
		what = words[2]
	}
	switch words[0] {
	case "write":
		value, err := makeValue(words[3])
		if err != nil {
			return "", err
		}
		return "written", p.write(ctx, what, name, value)
	case "read":
		return p.read(ctx, what, name, words[3])
	case "listen":
		return "listening", p.listen(ctx, what, name)
	case "next":
		select {
		case text := <-p.queue(name):
			return text, nil
		case <-time.After(patience):
			return "", fmt.Errorf("nothing heard of %s", name)
		}
	case "predicate":
		value, err := makeValue(words[3])
		if err != nil {
			return "", err
		}
		m, err := p.client.GetMap(ctx, name)
		if err != nil {
			return "", err
		}
		values, err := m.GetValuesWithPredicate(ctx, predicate.Equal(what, value))
		return fmt.Sprint(len(values)), err
	case "sql":
		return p.sql(ctx, name, what)
	}
	return p.runLock(ctx, words[0], name, what)
}

func (p *peer) runLock(ctx context.Context, command, name, kind string) (string, error) {
	value, err := makeValue(kind)
	if err != nil {
		return "", err
	}
	m, err := p.client.GetMap(ctx, name)
	if err != nil {
		return "", err
	}
	if p.owner == nil {
		p.owner = m.NewLockContext(ctx)
	}
	switch command {
	case "lock":
		return "locked", m.Lock(p.owner, value)
	case "try-lock":
		done, err := m.TryLock(p.owner, value)
		return fmt.Sprint(done), err
	case "unlock":
		return "unlocked", m.Unlock(p.owner, value)
	}
	return "", fmt.Errorf("no command %s", command)
}

func (p *peer) write(ctx context.Context, role, name string, value interface{}) error {
	switch role {
	case "value", "compare", "key":
		m, err := p.client.GetMap(ctx, name)
		if err != nil {
			return err
		}
		if role == "key" {
			return m.Set(ctx, value, found)
		}
		return m.Set(ctx, key, value)
	case "list":
		l, err := p.client.GetList(ctx, name)
		if err == nil {
			_, err = l.Add(ctx, value)
		}
		return err
	case "set":
		s, err := p.client.GetSet(ctx, name)
		if err == nil {
			_, err = s.Add(ctx, value)
		}
		return err
	case "queue":
		q, err := p.client.GetQueue(ctx, name)
		if err == nil {
			_, err = q.Add(ctx, value)
		}
		return err
	case "multi_map":
		m, err := p.client.GetMultiMap(ctx, name)
		if err == nil {
			_, err = m.Put(ctx, key, value)
		}
		return err
	case "replicated_map":
		m, err := p.client.GetReplicatedMap(ctx, name)
		if err == nil {
			_, err = m.Put(ctx, key, value)
		}
		return err
	case "ringbuffer":
		r, err := p.client.GetRingbuffer(ctx, name)
		if err == nil {
			_, err = r.Add(ctx, value, hazelcast.OverflowPolicyOverwrite)
		}
		return err
	case "topic":
		t, err := p.client.GetTopic(ctx, name)
		if err == nil {
			err = t.Publish(ctx, value)
		}
		return err
	}
	return fmt.Errorf("no role %s", role)
}

func (p *peer) read(ctx context.Context, role, name, kind string) (string, error) {
	switch role {
	case "value":
		m, err := p.client.GetMap(ctx, name)
		if err != nil {
			return "", err
		}
		return described(m.Get(ctx, key))
	case "compare", "key":
		return p.readByValue(ctx, role, name, kind)
	case "list":
		l, err := p.client.GetList(ctx, name)
		if err != nil {
			return "", err
		}
		return described(l.Get(ctx, 0))
	case "set":
		return p.contains(ctx, name, kind)
	case "queue":
		q, err := p.client.GetQueue(ctx, name)
		if err != nil {
			return "", err
		}
		return described(q.PollWithTimeout(ctx, patience))
	case "multi_map":
		m, err := p.client.GetMultiMap(ctx, name)
		if err != nil {
			return "", err
		}
		values, err := m.Get(ctx, key)
		if err != nil || len(values) == 0 {
			return "nothing", err
		}
		return describe(values[0]), nil
	case "replicated_map":
		m, err := p.client.GetReplicatedMap(ctx, name)
		if err != nil {
			return "", err
		}
		return described(m.Get(ctx, key))
	case "ringbuffer":
		r, err := p.client.GetRingbuffer(ctx, name)
		if err != nil {
			return "", err
		}
		head, err := r.HeadSequence(ctx)
		if err != nil {
			return "", err
		}
		return described(r.ReadOne(ctx, head))
	}
	return "", fmt.Errorf("no role %s", role)
}

func (p *peer) readByValue(ctx context.Context, role, name, kind string) (string, error) {
	value, err := makeValue(kind)
	if err != nil {
		return "", err
	}
	m, err := p.client.GetMap(ctx, name)
	if err != nil {
		return "", err
	}
	if role == "key" {
		return described(m.Get(ctx, value))
	}
	if same, err := m.ReplaceIfSame(ctx, key, value, value); err != nil || !same {
		return "other bytes", err
	}
	return "same", nil
}

func (p *peer) contains(ctx context.Context, name, kind string) (string, error) {
	value, err := makeValue(kind)
	if err != nil {
		return "", err
	}
	s, err := p.client.GetSet(ctx, name)
	if err != nil {
		return "", err
	}
	if has, err := s.Contains(ctx, value); err != nil || !has {
		return "missing", err
	}
	return found, nil
}

func (p *peer) listen(ctx context.Context, role, name string) error {
	queue := p.queue(name)
	if role == "topic" {
		t, err := p.client.GetTopic(ctx, name)
		if err == nil {
			_, err = t.AddMessageListener(ctx, func(event *hazelcast.MessagePublished) {
				queue <- describe(event.Value)
			})
		}
		return err
	}
	m, err := p.client.GetMap(ctx, name)
	if err != nil {
		return err
	}
	on := func(what string) func(*hazelcast.EntryNotified) {
		return func(event *hazelcast.EntryNotified) {
			queue <- fmt.Sprintf("%s %v %s", what, event.Key, describe(event.Value))
		}
	}
	listener := hazelcast.MapListener{
		EntryAdded:   on("ADDED"),
		EntryUpdated: on("UPDATED"),
		EntryRemoved: on("REMOVED"),
	}
	_, err = m.AddListener(ctx, listener, true)
	return err
}

func (p *peer) sql(ctx context.Context, name, kind string) (string, error) {
	value, err := makeValue(kind)
	if err != nil {
		return "", err
	}
	result, err := p.client.SQL().Execute(ctx, `SELECT this FROM "`+name+`" WHERE this = ?`, value)
	if err != nil {
		return "", err
	}
	defer result.Close()
	rows, err := result.Iterator()
	if err != nil || !rows.HasNext() {
		return "no row", err
	}
	row, err := rows.Next()
	if err != nil {
		return "", err
	}
	return described(row.Get(0))
}

// queue gives what the listeners of a structure have heard. Only the loop of commands makes queues.
func (p *peer) queue(name string) chan string {
	if p.heard[name] == nil {
		p.heard[name] = make(chan string, 100)
	}
	return p.heard[name]
}

func described(value interface{}, err error) (string, error) {
	if err != nil {
		return "", err
	}
	return describe(value), nil
}
