# Reads a session with Net::HTTP.
require "json"
require "net/http"

url, session = ARGV
events = URI("#{url}/v1/sessions/#{session}/events")
stream = URI("#{events}/sse")
last = 0
ended = false
until ended
  begin
    # By default Net::HTTP repeats a GET that broke off, with the same headers: events would come twice.
    options = { max_retries: 0, read_timeout: 60 }
    Net::HTTP.start(stream.host, stream.port, options) do |http|
      request = Net::HTTP::Get.new(stream, "Last-Event-ID" => last.to_s)
      http.request(request) do |answer|
        answer.value # raises unless the status is 2xx
        buffer = String.new
        answer.read_body do |chunk|
          buffer << chunk
          next unless chunk.include?("\n")
          *lines, buffer = buffer.split("\n", -1)
          lines.each do |line|
            next unless line.start_with?("data: ")
            event = JSON.parse(line.delete_prefix("data: ").force_encoding("UTF-8"))
            last = event["sequence"]
            puts JSON.generate(event)
            ended = event["type"] == "session.ended"
          end
        end
      end
    end
  rescue EOFError, SystemCallError, Net::ReadTimeout => error
    warn error.message
  end
end
puts JSON.generate(JSON.parse(Net::HTTP.get(events)))
