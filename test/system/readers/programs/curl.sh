#!/bin/bash
# Reads a session with curl. A line that was cut off has no end: `read` fails on it.
set -euo pipefail
events="$1/v1/sessions/$2/events"
last=0
ended=
while [[ -z $ended ]]; do
  while IFS= read -r line; do
    case $line in
      "id: "*) id=${line#id: } ;;
      "data: "*)
        last=$id
        printf '%s\n' "${line#data: }"
        [[ $line == *'"type":"session.ended"'* ]] && ended=1
        ;;
    esac
  done < <(curl --silent --show-error --fail --no-buffer --header "Last-Event-ID: $last" "$events/sse")
done
curl --silent --show-error --fail "$events"
