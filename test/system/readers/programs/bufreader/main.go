// Reads a session with net/http and bufio.Reader.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
)

type event struct {
	Sequence int    `json:"sequence"`
	Type     string `json:"type"`
}

// read prints the events after the last one until the connection ends.
func read(url string, last *event) error {
	request, err := http.NewRequest("GET", url, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Last-Event-ID", strconv.Itoa(last.Sequence))
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	reader := bufio.NewReader(answer.Body)
	for {
		line, err := reader.ReadString('\n')
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if !strings.HasPrefix(line, "data: ") {
			continue
		}
		data := strings.TrimPrefix(line, "data: ")
		if err := json.Unmarshal([]byte(data), last); err != nil {
			return err
		}
		fmt.Print(data)
	}
}

func main() {
	events := os.Args[1] + "/v1/sessions/" + os.Args[2] + "/events"
	var last event
	for last.Type != "session.ended" {
		if err := read(events+"/sse", &last); err != nil {
			log.Print(err)
		}
	}
	answer, err := http.Get(events)
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	page, err := bufio.NewReader(answer.Body).ReadBytes('\n')
	if err != io.EOF {
		log.Fatal("the page has more than one line")
	}
	os.Stdout.Write(page)
}
