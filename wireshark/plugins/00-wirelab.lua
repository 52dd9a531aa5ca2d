-- What all dissectors of the course share. Wireshark loads the files of this folder in
-- alphabetical order, so this one comes first; the others find it in the table `Wirelab`.
--
-- A dissector sees a conversation more than once: first from the beginning to the end (then
-- `pinfo.visited` is false), later any packet in any order, as somebody clicks on it. So whatever
-- depends on earlier packets is worked out the first time, kept by frame number, and looked up
-- from then on.
--
-- Only what Lua 5.2 (Wireshark 4.0) and Lua 5.4 (4.4 and later) both have is used here.

local Wirelab = {}
_G.Wirelab = Wirelab -- Wireshark gives each file its own globals; `_G` are those of all.

local wirelab = Proto("wirelab", "Wirelab")

local cut_field = ProtoField.uint32("wirelab.cut", "Bytes of a message that never became whole")
local half_closed_field =
    ProtoField.bool("wirelab.half_closed", "The receiver has ended its own half before")
wirelab.fields = { cut_field, half_closed_field }

local ends_inside = ProtoExpert.new("wirelab.cut.ended",
    "The stream ends inside a message", expert.group.PROTOCOL, expert.severity.WARN)
local reset_inside = ProtoExpert.new("wirelab.cut.reset",
    "The connection is reset inside a message", expert.group.PROTOCOL, expert.severity.WARN)
wirelab.experts = { ends_inside, reset_inside }

local tcp_stream, udp_stream = Field.new("tcp.stream"), Field.new("udp.stream")
local tcp_fin, tcp_reset = Field.new("tcp.flags.fin"), Field.new("tcp.flags.reset")
local tcp_len, tcp_again = Field.new("tcp.len"), Field.new("tcp.analysis.retransmission")

-- How many bytes of a message are shown. What is longer stands in the bytes of the packet.
local SHOWN_LEN = 200

----------------------------------------------------------------------------------------------
-- Words

local ESCAPES = { ["\r"] = "\\r", ["\n"] = "\\n", ["\t"] = "\\t", ["\\"] = "\\\\" }

-- Bytes as the course writes them: CR and LF visible, and nothing that a column cannot show.
function Wirelab.shown(bytes)
    local front = bytes:sub(1, SHOWN_LEN):gsub("[%c\\\127-\255]", function(byte)
        return ESCAPES[byte] or string.format("\\x%02x", byte:byte())
    end)
    if #bytes <= SHOWN_LEN then return front end
    return front .. "... (" .. #bytes .. " bytes)"
end

-- "1 byte", "2 bytes"
function Wirelab.count(number, noun)
    return string.format(number == 1 and "%d %s" or "%d %ss", number, noun)
end

-- Adds words to the Info column, with the direction in front: `> TIME`, `< JAM 09:05:00`.
-- The fence keeps them when the next message of the same packet adds its own.
function Wirelab.say(talk, words)
    if words == "" then words = "(empty)" end
    talk.pinfo.cols.protocol:set(talk.name)
    talk.pinfo.cols.info:set((talk.is_request and "> " or "< ") .. words .. "  ")
    talk.pinfo.cols.info:fence()
end

----------------------------------------------------------------------------------------------
-- Conversations

-- By stream: what both sides share. By stream and sender: where one side is in its messages.
local conversations, sides
-- By frame and place: where a side was before these bytes; which message answers which; and how
-- a stream ended. Made the first time, looked up later.
local snapshots, records, endings, half_closed

local function forget()
    conversations, sides, snapshots, records, endings, half_closed = {}, {}, {}, {}, {}, {}
end
forget()
wirelab.init = forget -- Wireshark calls it before it reads a capture.

local function copy(flat)
    local twin = {}
    for key, value in pairs(flat) do twin[key] = value end
    return twin
end

-- The name of a conversation. Wireshark does not always work out fields when it reads a capture
-- for the first time (tshark -2 without a filter); then the two ends must do.
local function stream_of(pinfo)
    local field = tcp_stream() or udp_stream()
    if field then return field.name .. " " .. field.value end
    local one = tostring(pinfo.src) .. " " .. pinfo.src_port
    local other = tostring(pinfo.dst) .. " " .. pinfo.dst_port
    return one < other and one .. " " .. other or other .. " " .. one
end

local function sender_of(stream, address, port)
    return stream .. " " .. tostring(address) .. " " .. port
end

local function conversation_of(stream)
    local it = conversations[stream]
    if not it then
        it = { asked = {} }
        conversations[stream] = it
    end
    return it
end

-- What a dissector needs to know of where it is. `side` is a flat table in which it may note
-- how far it has come; the next piece from the same sender finds it again.
function Wirelab.talk(name, buffer, pinfo)
    local stream = stream_of(pinfo)
    local sender = sender_of(stream, pinfo.src, pinfo.src_port)
    local place = pinfo.number .. ":" .. buffer:offset() .. ":" .. buffer:len()
    local talk = { name = name, pinfo = pinfo, place = place, buffer = buffer }
    talk.is_request = pinfo.match_uint == pinfo.dst_port
    talk.conversation = conversation_of(stream)
    if pinfo.visited then
        talk.side = copy(snapshots[place] or {})
    else
        sides[sender] = sides[sender] or {}
        talk.side = sides[sender]
        snapshots[place] = copy(talk.side)
        talk.side.name = name
        talk.side.is_request, talk.side.conversation = talk.is_request, talk.conversation
        talk.side.seen_in, talk.side.waiting = pinfo.number, 0
    end
    return talk
end

-- A message of which the capture has only a part (its packets were cut, or some are missing).
local function in_part(talk, tree, offset)
    tree:add(wirelab, talk.buffer(offset), "A part of a message: the capture has not all of it")
    Wirelab.say(talk, "(a part of a message)")
end

-- Walks through the messages in the buffer. `step(talk, tree, offset, left)` dissects the
-- one at `offset` and returns how many bytes it took; or nil if it is not whole, and, if it knows, how many bytes are
-- missing. TCP then comes back with the same bytes and more.
function Wirelab.walk(talk, tree, step)
    local offset, len = 0, talk.buffer:len()
    while offset < len do
        local used, missing = step(talk, tree, offset, len - offset)
        if not used then
            talk.side.waiting = len - offset
            if talk.pinfo.can_desegment == 0 then return in_part(talk, tree, offset) end
            talk.pinfo.desegment_offset = offset
            talk.pinfo.desegment_len = missing or DESEGMENT_ONE_MORE_SEGMENT
            return
        end
        offset = offset + used
    end
end

----------------------------------------------------------------------------------------------
-- Requests and their replies

-- The fields with which a dissector shows which reply belongs to which request.
function Wirelab.matching(prefix)
    local frame = ProtoField.framenum
    return {
        reply_in = frame(prefix .. ".reply_in", "The reply is in", base.NONE, frametype.RESPONSE),
        reply_to = frame(prefix .. ".reply_to", "This replies to", base.NONE, frametype.REQUEST),
        time = ProtoField.relative_time(prefix .. ".time", "Time from the request to this"),
    }
end

-- Notes a request that wants a reply. `note` may hold what the dissector needs to know of it then.
function Wirelab.ask(talk, offset, note)
    local key = talk.place .. ":" .. offset
    if not talk.pinfo.visited then
        local request = note or {}
        request.frame, request.at = talk.pinfo.number, talk.pinfo.rel_ts
        records[key] = request
        table.insert(talk.conversation.asked, request)
    end
    return records[key]
end

-- The request that waits longest for its reply, or nil if the capture has none.
function Wirelab.asked(talk, offset)
    if talk.pinfo.visited then
        local record = records[talk.place .. ":" .. offset]
        return record and record.request
    end
    return talk.conversation.asked[1]
end

-- Notes the reply at `offset`, and returns the request to which it belongs, if there is one.
-- `choose(asked)` may say which of those that wait it is; it is the first one otherwise.
function Wirelab.answer(talk, offset, choose)
    local key = talk.place .. ":" .. offset
    if not talk.pinfo.visited then
        local asked = talk.conversation.asked
        local chosen = choose and choose(asked) or 1
        local request = asked[chosen]
        if request then
            table.remove(asked, chosen)
            request.reply_in = talk.pinfo.number
            records[key] = { request = request, time = talk.pinfo.rel_ts - request.at }
        else
            records[key] = {}
        end
    end
    return (records[key] or {}).request, records[key]
end

-- Shows under a request where its reply is.
function Wirelab.show_request(tree, fields, request)
    if request and request.reply_in then
        tree:add(fields.reply_in, request.reply_in):set_generated()
    end
end

-- Shows under a reply which request it answers, and after how long.
function Wirelab.show_reply(tree, fields, request, record)
    if not request then return end
    tree:add(fields.reply_to, request.frame):set_generated()
    local seconds = math.floor(record.time)
    local nanoseconds = math.floor((record.time - seconds) * 1e9 + 0.5)
    tree:add(fields.time, NSTime.new(seconds, nanoseconds)):set_generated()
end

----------------------------------------------------------------------------------------------
-- Ports

-- Has `proto` dissect what goes to or comes from `ports`, which are a preference. `transports`
-- are the tables in which it is registered: "tcp", "udp" or both. A `dissector` may stand in for
-- it.
function Wirelab.listen(proto, ports, transports, dissector)
    proto.prefs.ports = Pref.range("Ports", ports, "The ports of the server", 65535)
    local function each_table(change, range)
        for _, transport in ipairs(transports) do
            local dissectors = DissectorTable.get(transport .. ".port")
            dissectors[change](dissectors, range, dissector or proto)
        end
    end
    each_table("add", ports)
    function proto.prefs_changed()
        if proto.prefs.ports == ports then return end
        if ports ~= "" then each_table("remove", ports) end
        ports = proto.prefs.ports
        if ports ~= "" then each_table("add", ports) end
    end
end

----------------------------------------------------------------------------------------------
-- Ends

-- Dissectors are called for bytes, and the end of a stream is none. So this one looks at each
-- packet after all others have (a postdissector): was the sender inside a message?

-- By the name of a talk: what a dissector does about the end of a stream, if it is not an error.
Wirelab.finish = {}

local function is_set(field)
    local it = field()
    return it ~= nil and (it.value == true or it.value == 1)
end

-- The same as Wirelab.talk, for what becomes whole by the end of the stream.
function Wirelab.talk_at_end(name, pinfo, side)
    return {
        name = name, pinfo = pinfo, place = pinfo.number .. ":end", ending = " [FIN]",
        side = side, conversation = side.conversation, is_request = side.is_request,
    }
end

-- What the sender, or after a reset anybody, leaves unfinished.
local function ending(stream, pinfo, was_reset)
    local unfinished = {}
    local senders = { sender_of(stream, pinfo.src, pinfo.src_port) }
    if was_reset then senders[2] = sender_of(stream, pinfo.dst, pinfo.dst_port) end
    for _, sender in ipairs(senders) do
        local side = sides[sender]
        if side and not side.ended then
            side.ended = true
            table.insert(unfinished, copy(side))
        end
    end
    return unfinished
end

local function show_ending(tree, pinfo, side, was_reset)
    local is_finished = Wirelab.finish[side.name] and not was_reset
    if is_finished and Wirelab.finish[side.name](tree, pinfo, side) then return end
    local cut = side.waiting + (side.inside or 0)
    if cut == 0 then return end
    local what = side.is_request and "request" or "reply"
    local item = tree:add(wirelab, string.format("Wirelab: %s of a %s that never became whole",
        Wirelab.count(cut, "byte"), what))
    item:add(cut_field, cut):set_generated()
    item:add_proto_expert_info(was_reset and reset_inside or ends_inside)
end

-- Whether these are bytes for somebody who has no more to say itself, but still listens.
local function is_half_closed(stream, pinfo)
    local receiver = sides[sender_of(stream, pinfo.dst, pinfo.dst_port)]
    local len = tcp_len()
    return receiver and receiver.ended and len and len.value > 0
end

-- Bytes that TCP keeps for a message have not been shown to its dissector yet.
local function count_waiting(stream, pinfo)
    local side = sides[sender_of(stream, pinfo.src, pinfo.src_port)]
    local len = tcp_len()
    if side and side.waiting > 0 and side.seen_in ~= pinfo.number and len and not tcp_again() then
        side.waiting = side.waiting + len.value
    end
end

function wirelab.dissector(_, pinfo, tree)
    local stream, was_reset = stream_of(pinfo), is_set(tcp_reset)
    if not pinfo.visited then
        count_waiting(stream, pinfo)
        half_closed[pinfo.number] = is_half_closed(stream, pinfo)
        if was_reset or is_set(tcp_fin) then
            endings[pinfo.number] = ending(stream, pinfo, was_reset)
        end
    end
    if half_closed[pinfo.number] then
        local item = tree:add(wirelab, "Wirelab: bytes on a half-closed connection")
        item:add(half_closed_field, true):set_generated()
    end
    for _, side in ipairs(endings[pinfo.number] or {}) do
        show_ending(tree, pinfo, copy(side), was_reset)
    end
end

register_postdissector(wirelab)
