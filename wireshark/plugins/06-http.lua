-- Lab 06 speaks HTTP, which Wireshark knows: it only has to hear of the lab's ports.

local http = Proto("wirelab.http", "Wirelab lab 06, HTTP server")

-- HTTP itself does the work, and its fields are the ones to filter by: http.request.uri …
function http.dissector(buffer, pinfo, tree)
    return Dissector.get("http"):call(buffer, pinfo, tree)
end

Wirelab.listen(http, "8080,8885,8889", { "tcp" })
