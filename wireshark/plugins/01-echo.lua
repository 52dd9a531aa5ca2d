-- Labs 01, 02 and 03, the echo servers: every byte comes back. There are no messages, so there is
-- nothing to put together: a piece is what one packet brings.

local echo = Proto("wirelab.echo", "Wirelab labs 01 to 03, echo")

local sent = ProtoField.string("wirelab.echo.sent", "Said")
local echoed = ProtoField.string("wirelab.echo.echoed", "Echoed")
local total = ProtoField.uint64("wirelab.echo.total", "Bytes in this direction so far")
echo.fields = { sent, echoed, total }

function echo.dissector(buffer, pinfo, tree)
    local talk = Wirelab.talk("echo", buffer, pinfo)
    local words = Wirelab.shown(buffer:raw(0, math.min(buffer:len(), 4096)))
    local len = buffer:reported_len() -- The capture may hold less of a packet than it had.
    talk.side.total = (talk.side.total or 0) + len
    local item = tree:add(echo, buffer()):append_text(", " .. Wirelab.count(len, "byte"))
    item:add(talk.is_request and sent or echoed, buffer(), words)
    item:add(total, UInt64(talk.side.total)):set_generated()
    Wirelab.say(talk, words)
end

Wirelab.listen(echo, "5000,5001,5003", { "tcp" })
