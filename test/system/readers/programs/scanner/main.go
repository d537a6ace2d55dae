// Reads a session with net/http and bufio.Scanner.
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
	scanner := bufio.NewScanner(answer.Body)
	scanner.Buffer(nil, 1<<28) // the default is 64 KiB
	var data string
	for scanner.Scan() {
		line := scanner.Text()
		if strings.HasPrefix(line, "data: ") {
			data = strings.TrimPrefix(line, "data: ")
		}
		// Where the connection breaks off, Scan still returns the part of a line that it has.
		if line != "" || data == "" {
			continue
		}
		if err := json.Unmarshal([]byte(data), last); err != nil {
			return err
		}
		fmt.Println(data)
		data = ""
	}
	return scanner.Err()
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
	if _, err := io.Copy(os.Stdout, answer.Body); err != nil {
		log.Fatal(err)
	}
}
