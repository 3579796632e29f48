// A client in the short form of docs/protocol.md, whose steps the numbers are: go run . ws://localhost:8080/ws market_data
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"github.com/coder/websocket"
	"math/rand/v2"
	"os"
	"strings"
	"time"
)

type frame struct {
	Type, Topic, Epoch string
	Offset, Replayed   int
	Recovered          bool
	Data               *frame
	Subscriptions      []frame
}

func main() {
	positions, wanted, ctx := map[string]frame{}, strings.Join(os.Args[2:], ","), context.Background()
	for attempt := 0; ; attempt++ {
		since, begin := "", time.Now()
		for topic, at := range positions { // 1
			since += fmt.Sprintf(",%s@%s:%d", topic, at.Epoch, at.Offset)
		}
		c, _, err := websocket.Dial(ctx, os.Args[1]+"?subscriptions="+wanted+"&since="+since, nil) // TCP's keep-alive finds a dead server
		for text := []byte("{}"); err == nil; _, text, err = c.Read(ctx) {
			c.SetReadLimit(1 << 21)
			var f frame
			if json.Unmarshal(text, &f); f.Type == "connected" || f.Type == "reset" {
				for _, e := range append(f.Data.Subscriptions, *f.Data) { // 3, 12
					e.Offset -= e.Replayed                                                                                                                            // 5
					if at := positions[e.Topic]; strings.Contains(","+wanted+",", ","+e.Topic+",") && (!e.Recovered || e.Epoch != at.Epoch || e.Offset > at.Offset) { // 6
						println(e.Topic, "goes on at", e.Epoch, e.Offset, "after", at.Epoch, at.Offset)
						positions[e.Topic] = e
					}
				}
			} else if at := positions[f.Topic]; at.Epoch != "" && f.Offset == at.Offset+1 { // 8, 9, 10
				positions[f.Topic] = frame{Epoch: at.Epoch, Offset: f.Offset}
				fmt.Println(string(text))
			} else if at.Epoch != "" && f.Offset > at.Offset { // 11
				c.CloseNow()
			} else if f.Type == "error" {
				println(string(text))
			}
		}
		if code := websocket.CloseStatus(err); code == 1009 || code/500 == 7 || code/500 == 9 { // 14
			panic(err)
		} else if time.Since(begin) > 5*time.Second {
			attempt = 0
		}
		wait := min(20_000, 500+rand.IntN(min(20_000, 500<<min(attempt, 6))))
		fmt.Sscan(strings.SplitAfter(err.Error()+"reconnect in ", "reconnect in ")[1], &wait)
		time.Sleep(time.Duration(wait) * time.Millisecond)
	}
}
