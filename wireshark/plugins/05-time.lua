-- Lab 05, the time server: lines that end in CR LF, and in nothing else.
--
--   request             reply
--   TIME\r\n            JAM hh:mm:ss\r\n
--   QUIT\r\n            the end of the stream
--   anything else\r\n   Invalid command\r\n

local time = Proto("wirelab.time", "Wirelab lab 05, time server")

local LINE_LEN_MAX = 1024

local matching = Wirelab.matching("wirelab.time")
local request_field = ProtoField.string("wirelab.time.request", "Request")
local reply_field = ProtoField.string("wirelab.time.reply", "Reply")
local clock_field = ProtoField.string("wirelab.time.clock", "The time it tells")
time.fields = {
    request_field, reply_field, clock_field, matching.reply_in, matching.reply_to, matching.time,
}

local function note(name, text, severity)
    return ProtoExpert.new("wirelab.time." .. name, text, expert.group.PROTOCOL, severity)
end
local WARN, NOTE = expert.severity.WARN, expert.severity.NOTE
local no_cr = note("no_cr", "LF without CR does not end a line: the server waits on", WARN)
local too_long = note("too_long", "The line has more than 1024 bytes", WARN)
local invalid = note("invalid", "Not a command of this server", NOTE)
local unknown = note("unknown", "Not a reply of this server", WARN)
time.experts = { no_cr, too_long, invalid, unknown }

local function show_request(talk, tree, offset, range, line)
    local item = tree:add(time, range):append_text(", request: " .. Wirelab.shown(line))
    item:add(request_field, range, Wirelab.shown(line))
    if #line > LINE_LEN_MAX then
        item:add_proto_expert_info(too_long)
    elseif line ~= "TIME" and line ~= "QUIT" then
        item:add_proto_expert_info(invalid)
    end
    -- QUIT has no reply but the end of the stream.
    if line ~= "QUIT" then
        Wirelab.show_request(item, matching, Wirelab.ask(talk, offset))
    end
end

local function show_reply(talk, tree, offset, range, line)
    local item = tree:add(time, range):append_text(", reply: " .. Wirelab.shown(line))
    item:add(reply_field, range, Wirelab.shown(line))
    local clock = line:match("^JAM (%d%d:%d%d:%d%d)$")
    if clock then
        item:add(clock_field, range(4, 8), clock)
    elseif line ~= "Invalid command" then
        item:add_proto_expert_info(unknown)
    end
    Wirelab.show_reply(item, matching, Wirelab.answer(talk, offset))
end

-- Bytes at the end of what has come that are no line, and why: LF without CR, or too many. Of a
-- line that is too long the server answers the beginning and skips the rest.
local function show_piece(talk, tree, offset, range, bytes)
    local item = tree:add(time, range):append_text(", a piece of a line: " .. Wirelab.shown(bytes))
    if talk.side.inside then return end
    item:add_proto_expert_info(#bytes > LINE_LEN_MAX and too_long or no_cr)
    if #bytes <= LINE_LEN_MAX then
        talk.side.begun = ((talk.side.begun or "") .. bytes):sub(1, LINE_LEN_MAX)
    elseif talk.is_request then
        talk.side.inside = #bytes
        Wirelab.show_request(item, matching, Wirelab.ask(talk, offset))
    end
end

-- The bytes in front of CR LF, and how many there are with it; or what there is of them.
local function line_at(buffer, offset, left)
    local bytes = buffer:raw(offset, math.min(left, 64 * LINE_LEN_MAX))
    local start, last = bytes:find("\r\n", 1, true)
    if start then return bytes:sub(1, start - 1), last end
    return nil, nil, bytes
end

local function step(talk, tree, offset, left)
    local line, len, bytes = line_at(talk.buffer, offset, left)
    if not line then
        local is_piece = bytes:sub(-1) == "\n" or #bytes > LINE_LEN_MAX + 1 or talk.side.inside
        if not is_piece or bytes == "\r" then return nil end
        -- A CR at its end may be half of the line's end.
        len = bytes:sub(-1) == "\r" and #bytes - 1 or #bytes
        Wirelab.say(talk, Wirelab.shown(bytes) .. " (a piece of a line)")
        show_piece(talk, tree, offset, talk.buffer(offset, len), bytes:sub(1, len))
        return len
    end
    if talk.side.inside then
        tree:add(time, talk.buffer(offset, len)):append_text(", the rest of a line that is too long")
        Wirelab.say(talk, "the rest of a line that is too long")
        talk.side.inside = nil
        return len
    end
    -- To the server it is one line, with the LF in it.
    line, talk.side.begun = (talk.side.begun or "") .. line, nil
    local show = talk.is_request and show_request or show_reply
    show(talk, tree, offset, talk.buffer(offset, len), line)
    Wirelab.say(talk, Wirelab.shown(line))
    return len
end

function time.dissector(buffer, pinfo, tree)
    Wirelab.walk(Wirelab.talk("lab05", buffer, pinfo), tree, step)
end

Wirelab.listen(time, "45000", { "tcp" })
