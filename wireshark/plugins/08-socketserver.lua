-- Lab 08, a socketserver of our own: each line over TCP, or each datagram over UDP, gets a reply.
--
--   upper   HALO\n         the same in capitals; BOOM makes the handler fail
--   echo    halo\n         every byte comes back
--   time    JAM hh:mm:ss   as in lab 05
--
-- Which handler it is shows only in what it says.

local socketserver = Proto("wirelab.socketserver", "Wirelab lab 08, socketserver")

local LINE_LEN_MAX = 64 * 1024

local matching = Wirelab.matching("wirelab.socketserver")
local request_field = ProtoField.string("wirelab.socketserver.request", "Request")
local reply_field = ProtoField.string("wirelab.socketserver.reply", "Reply")
local handler_field = ProtoField.string("wirelab.socketserver.handler", "Looks like the handler")
socketserver.fields = {
    request_field, reply_field, handler_field, matching.reply_in, matching.reply_to, matching.time,
}

local function note(name, text, severity)
    local group = expert.group.PROTOCOL
    return ProtoExpert.new("wirelab.socketserver." .. name, text, group, severity)
end
local too_long = note("too_long", "A line of more than 65536 bytes: the connection ends here",
    expert.severity.WARN)
local boom = note("boom", "This makes the handler `upper` fail", expert.severity.NOTE)
socketserver.experts = { too_long, boom }

-- The handler that says `reply` to `request`; nil if there is none, or several would.
local function handler_of(request, reply)
    if reply:find("^JAM %d%d:%d%d:%d%d") or reply:find("^Invalid command") then return "time" end
    if not request or #request.text ~= #reply then return nil end
    if reply == request.text then return reply ~= reply:upper() and "echo" or nil end
    return reply == request.text:upper() and "upper" or nil
end

-- Datagrams may be answered in any order: takes the request that fits, or else the first one that
-- the handler `time` would answer.
local function fitting(reply)
    return function(asked)
        local first
        for place, request in ipairs(asked) do
            if reply == request.text or reply == request.text:upper() then return place end
            if not first and not request.text:find("^QUIT\r?\n?$") then first = place end
        end
        return first or 1
    end
end

local function add_text(item, field, range, text)
    if range then return item:add(field, range, Wirelab.shown(text)) end
    return item:add(field, Wirelab.shown(text)):set_generated()
end

local function show_request(talk, item, offset, range, text)
    add_text(item, request_field, range, text)
    if text:find("^BOOM%s*$") then item:add_proto_expert_info(boom) end
    Wirelab.show_request(item, matching, Wirelab.ask(talk, offset, { text = text }))
end

local function show_reply(talk, item, offset, range, text, choose)
    add_text(item, reply_field, range, text)
    local request, record = Wirelab.answer(talk, offset, choose)
    local handler = handler_of(request, text)
    if handler then item:add(handler_field, handler):set_generated() end
    Wirelab.show_reply(item, matching, request, record)
end

-- Shows `text`, which stands in `range`; or nowhere in this packet, then there is no `range`.
local function show(talk, tree, offset, range, text, choose)
    local words = Wirelab.shown(text)
    local item = range and tree:add(socketserver, range) or tree:add(socketserver)
    item:append_text((talk.is_request and ", request: " or ", reply: ") .. words)
    local show_half = talk.is_request and show_request or show_reply
    show_half(talk, item, offset, range, text, choose)
    Wirelab.say(talk, words .. (talk.ending or ""))
end

local function line_step(talk, tree, offset, left)
    if talk.side.is_lost then return left end
    local bytes = talk.buffer:raw(offset, math.min(left, LINE_LEN_MAX + 1))
    local line_end = bytes:find("\n", 1, true)
    if line_end then
        show(talk, tree, offset, talk.buffer(offset, line_end), bytes:sub(1, line_end))
        return line_end
    end
    talk.side.text = bytes:sub(1, 1024)
    if #bytes <= LINE_LEN_MAX then return nil end
    talk.side.is_lost = true
    local item = tree:add(socketserver, talk.buffer(offset, left))
    item:append_text(", a line that is too long"):add_proto_expert_info(too_long)
    Wirelab.say(talk, "a line that is too long")
    return left
end

function socketserver.dissector(buffer, pinfo, tree)
    local talk = Wirelab.talk("lab08", buffer, pinfo)
    if pinfo.port_type == 3 then -- UDP: a datagram is a message.
        local text = buffer:len() > 0 and buffer:raw()
        if text then show(talk, tree, 0, buffer(), text, fitting(text)) end
        return
    end
    Wirelab.walk(talk, tree, line_step)
end

-- What stands behind the last LF is a line too.
function Wirelab.finish.lab08(tree, pinfo, side)
    if side.waiting == 0 or not side.text then return false end
    local talk = Wirelab.talk_at_end("lab08", pinfo, side)
    show(talk, tree, 0, nil, side.text)
    return true
end

Wirelab.listen(socketserver, "9999", { "tcp", "udp" })
