-- Lab 04, framing: six ways to mark where a message ends, all on one port.
--
--   close, streams   the end of the stream ends the one message
--   fixed            16 bytes each, shorter ones padded with NUL
--   delimiter        LF ends each; inside, \n stands for LF and \\ for a backslash
--   prefix           4 bytes of length (big endian), then so many bytes
--   blocks           a run of such blocks, ended by an empty one
--
-- Nothing on the wire says which one it is: both sides must know. We guess from the first bytes,
-- and a guess can be wrong. The preference `framing` says it for sure.

local framing = Proto("wirelab.framing", "Wirelab lab 04, framing")

local MESSAGE_LEN_MAX = 1024 * 1024
local LINE_LEN_MAX = 64 * 1024
local RECORD_LEN = 16
local HEADER_LEN = 4
-- How much of a message is kept, to show it and to compare the reply with it.
local KEPT_LEN = 1024

local KINDS = { "guess", "close", "streams", "fixed", "delimiter", "prefix", "blocks" }
local choices = {}
for number, kind in ipairs(KINDS) do choices[number] = { number, kind, number } end

local matching = Wirelab.matching("wirelab.framing")
local kind_field = ProtoField.string("wirelab.framing.kind", "Framing")
local number_field = ProtoField.uint32("wirelab.framing.number", "Message of this side")
local length_field = ProtoField.uint32("wirelab.framing.length", "Length")
local message_field = ProtoField.string("wirelab.framing.message", "Message")
local size_field = ProtoField.uint32("wirelab.framing.size", "Bytes of the message")
local padding_field = ProtoField.bytes("wirelab.framing.padding", "Padding")
local block_field = ProtoField.bytes("wirelab.framing.block", "Block")
local piece_field = ProtoField.string("wirelab.framing.piece", "Piece")
framing.fields = {
    kind_field, number_field, length_field, message_field, size_field, padding_field, block_field,
    piece_field, matching.reply_in, matching.reply_to, matching.time,
}

local function note(name, text)
    local group, severity = expert.group.PROTOCOL, expert.severity.WARN
    return ProtoExpert.new("wirelab.framing." .. name, text, group, severity)
end
local too_long = note("too_long", "Longer than a message may be: the connection ends here")
local not_reversed = note("not_reversed", "The reply is not the message reversed")
framing.experts = { too_long, not_reversed }

----------------------------------------------------------------------------------------------
-- Which framing

-- What the first bytes of a conversation look like; nil if that cannot be said yet.
local function guess(bytes)
    if bytes:find("^[^%g%s]") then return "prefix" end -- A length below 16 MiB begins with NUL.
    if bytes:sub(-1) == "\n" then return "delimiter" end
    if #bytes % RECORD_LEN == 0 and #bytes <= KEPT_LEN then return "fixed" end
    if #bytes > LINE_LEN_MAX then return "close" end
    return nil
end

-- Blocks without a reply up to the end were no messages.
local function settle(conversation)
    if conversation.is_guess and conversation.kind == "prefix" and conversation.has_ended then
        conversation.kind = "blocks"
    end
end

local function kind_of(talk, offset, left)
    local conversation = talk.conversation
    if framing.prefs.framing ~= 1 then conversation.kind = KINDS[framing.prefs.framing] end
    if not conversation.kind and not talk.pinfo.visited then
        conversation.is_guess = true
        conversation.kind = guess(talk.buffer:raw(offset, math.min(left, LINE_LEN_MAX + 1)))
    end
    if talk.pinfo.visited then settle(conversation) end
    return conversation.kind
end

-- Prefix and blocks begin alike. An empty block behind another one ends a message of blocks; but
-- if there was a reply before, each block was a message.
local function reconsider(talk, len)
    local conversation = talk.conversation
    if talk.pinfo.visited or not conversation.is_guess then return end
    if conversation.kind ~= "prefix" then return end
    if not talk.is_request then
        conversation.is_guess = false
    elseif len == 0 and (talk.side.count or 0) > 0 then
        conversation.kind, conversation.is_guess, conversation.asked = "blocks", false, {}
        talk.side.count = 0
    end
end

----------------------------------------------------------------------------------------------
-- What is shown

local function add(talk, tree, range, kind)
    local item = tree:add(framing, range)
    item:set_text("Wirelab lab 04, framing by " .. kind)
    item:add(kind_field, kind):set_generated()
    return item
end

-- The reply must be the message backwards. We kept the beginning, so only short ones are compared.
local function is_reversed(request, text, size)
    if not request or size > KEPT_LEN or request.size > KEPT_LEN then return true end
    local backwards = request.text:reverse()
    return text == backwards or text == backwards:gsub("\0+$", "")
end

-- A whole message of `size` bytes, which begins with `text`.
local function show_message(talk, item, offset, text, size)
    talk.side.count = (talk.side.count or 0) + 1
    local words = #text == size and Wirelab.shown(text) or
        string.format("%s... (%d bytes)", Wirelab.shown(text:sub(1, 60)), size)
    local what = talk.is_request and ", request " or ", reply "
    item:append_text(what .. talk.side.count .. ": " .. words)
    item:add(message_field, words)
    item:add(size_field, size):set_generated()
    item:add(number_field, talk.side.count):set_generated()
    Wirelab.say(talk, words .. (talk.ending or ""))
    if talk.is_request then
        local request = Wirelab.ask(talk, offset, { text = text, size = size })
        Wirelab.show_request(item, matching, request)
        return
    end
    local request, record = Wirelab.answer(talk, offset)
    Wirelab.show_reply(item, matching, request, record)
    if not is_reversed(request, text, size) then item:add_proto_expert_info(not_reversed) end
end

-- What comes after this is no message any more, whatever it looks like.
local function give_up(talk, item, words)
    talk.side.is_lost = true
    item:append_text(", " .. words)
    item:add_proto_expert_info(too_long)
    Wirelab.say(talk, words)
end

----------------------------------------------------------------------------------------------
-- The framings: each dissects what stands at `offset`, as a step of Wirelab.walk

local steps = {}

function steps.fixed(talk, tree, offset, left)
    if left < RECORD_LEN then return nil, RECORD_LEN - left end
    local record = talk.buffer:raw(offset, RECORD_LEN)
    local text = record:gsub("\0+$", "")
    local item = add(talk, tree, talk.buffer(offset, RECORD_LEN), "fixed")
    show_message(talk, item, offset, text, #text)
    if #text < RECORD_LEN then
        item:add(padding_field, talk.buffer(offset + #text, RECORD_LEN - #text))
    end
    return RECORD_LEN
end

local UNESCAPED = { n = "\n", ["\\"] = "\\" }

function steps.delimiter(talk, tree, offset, left)
    local bytes = talk.buffer:raw(offset, math.min(left, LINE_LEN_MAX + 1))
    local last = bytes:find("\n", 1, true)
    if not last and #bytes <= LINE_LEN_MAX then return nil end
    local item = add(talk, tree, talk.buffer(offset, last or left), "delimiter")
    if not last then
        give_up(talk, item, "a line of more than 65536 bytes")
        return left
    end
    local text = bytes:sub(1, last - 1):gsub("\\([n\\])", UNESCAPED)
    show_message(talk, item, offset, text:sub(1, KEPT_LEN), #text)
    return last
end

-- A length and its body, as in `prefix` and `blocks`; nil while they are not whole.
local function frame(talk, tree, offset, left, kind, room)
    if left < HEADER_LEN then return nil end
    local len = talk.buffer(offset, HEADER_LEN):uint()
    if len <= room and left < HEADER_LEN + len then return nil, HEADER_LEN + len - left end
    local used = len <= room and HEADER_LEN + len or left
    local item = add(talk, tree, talk.buffer(offset, used), kind)
    item:add(length_field, talk.buffer(offset, HEADER_LEN))
    if len <= room then return used, item, len end
    give_up(talk, item, string.format("a length of %.0f bytes", len))
    return used
end

-- Remembers that the message under way has `len` bytes more, which begin with `text`.
local function keep(side, text, len)
    side.text = ((side.text or "") .. text):sub(1, KEPT_LEN)
    side.inside = (side.inside or 0) + len
end

function steps.prefix(talk, tree, offset, left)
    local used, item, len = frame(talk, tree, offset, left, "prefix", MESSAGE_LEN_MAX)
    if not used or not len then return used, item end
    local text = len == 0 and "" or talk.buffer:raw(offset + HEADER_LEN, math.min(len, KEPT_LEN))
    show_message(talk, item, offset, text, len)
    if talk.conversation.is_guess then keep(talk.side, text, len) end -- It may yet be a block.
    return used
end

function steps.blocks(talk, tree, offset, left)
    local side = talk.side
    local room = MESSAGE_LEN_MAX - (side.inside or 0)
    local used, item, len = frame(talk, tree, offset, left, "blocks", room)
    if not used or not len then return used, item end
    if len == 0 then
        local text, size = side.text or "", side.inside or 0
        side.text, side.inside = nil, nil
        show_message(talk, item, offset, text, size)
        return used
    end
    local body = talk.buffer(offset + HEADER_LEN, len)
    item:add(block_field, body)
    item:append_text(", a block of " .. Wirelab.count(len, "byte"))
    Wirelab.say(talk, "a block of " .. Wirelab.count(len, "byte"))
    keep(side, talk.buffer:raw(offset + HEADER_LEN, math.min(len, KEPT_LEN)), len)
    return used
end

-- A piece of the one message, as it came. Where it was cut means nothing.
function steps.close(talk, tree, offset, left, kind)
    local side = talk.side
    local bytes = talk.buffer:raw(offset, math.min(left, KEPT_LEN))
    local item = add(talk, tree, talk.buffer(offset, left), kind or "close")
    item:append_text(", a piece of " .. Wirelab.count(left, "byte"))
    item:add(piece_field, talk.buffer(offset, left), Wirelab.shown(bytes))
    Wirelab.say(talk, Wirelab.shown(bytes) .. " (a piece)")
    side.text = ((side.text or "") .. bytes):sub(1, KEPT_LEN)
    side.size = (side.size or 0) + left
    return left
end

function steps.streams(talk, tree, offset, left)
    return steps.close(talk, tree, offset, left, "streams")
end

-- No framing is known yet: more bytes may tell, or the end of the stream (see below).
local function wait(talk, offset, left)
    talk.side.text = talk.buffer:raw(offset, math.min(left, KEPT_LEN))
    talk.side.size, talk.side.is_undecided = left, true
    return nil
end

local function step(talk, tree, offset, left)
    local kind = kind_of(talk, offset, left)
    if talk.side.is_lost then
        local item = add(talk, tree, talk.buffer(offset, left), kind)
        item:append_text(", behind an error: no message any more")
        return left
    end
    if not kind then return wait(talk, offset, left) end
    if talk.side.is_undecided then
        talk.side.text, talk.side.size, talk.side.is_undecided = nil, nil, nil
    end
    if kind == "prefix" and left >= HEADER_LEN then
        reconsider(talk, talk.buffer(offset, HEADER_LEN):uint())
        kind = kind_of(talk, offset, left)
    end
    return steps[kind](talk, tree, offset, left)
end

function framing.dissector(buffer, pinfo, tree)
    Wirelab.walk(Wirelab.talk("lab04", buffer, pinfo), tree, step)
end

-- With `close` and `streams`, the end of the stream makes the message whole. The same if nothing
-- has looked like another framing up to here.
function Wirelab.finish.lab04(tree, pinfo, side)
    if pinfo.visited then settle(side.conversation) end
    side.conversation.has_ended = true
    local kind = side.conversation.kind
    if kind == "prefix" then side.inside = nil end
    if kind and kind ~= "close" and kind ~= "streams" then return false end
    if not side.size then return false end
    side.conversation.kind = side.conversation.kind or "close"
    local talk = Wirelab.talk_at_end("lab04", pinfo, side)
    local item = tree:add(framing)
    item:set_text("Wirelab lab 04, the end of the stream ends the message")
    show_message(talk, item, 0, side.text, side.size)
    return true
end

framing.prefs.framing =
    Pref.enum("Framing", 1, "How the end of a message is marked", choices, false)
Wirelab.listen(framing, "5004", { "tcp" })
