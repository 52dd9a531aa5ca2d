-- Lab 06 speaks HTTP, which Wireshark knows. It only has to hear of the lab's ports, and its own
-- fields are the ones to filter by: http.request.uri, http.response.code, http.time ...

local http = Proto("wirelab.http", "Wirelab lab 06, HTTP server")

Wirelab.listen(http, "8080,8885,8889", { "tcp" },
    Dissector.get("http-over-tcp") or Dissector.get("http"))
