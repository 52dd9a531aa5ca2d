-- Lab 07, the file server that speaks base64 and JSON.
--
--   LIST                             {"status": "OK", "data": ["a.txt"]}
--   GET name                         {"status": "OK", "data_namafile": "a.txt", "data_file": "…"}
--   UPLOAD name content-as-base64    {"status": "OK", "data": "words"}
--   DELETE name                      the same; anything that fails has the status ERROR
--
-- CR LF CR LF ends each request and each reply.
--
-- Contents may be huge. So this dissector does what the server does: it puts together what is
-- short, and takes contents as they come, piece after piece.

local files = Proto("wirelab.files", "Wirelab lab 07, files as base64")

local END = "\r\n\r\n"
local HEAD_LEN_MAX = 1024
-- How much of a reply without content is put together, and how much of a piece is looked at.
local REPLY_LEN_MAX = 64 * 1024

local matching = Wirelab.matching("wirelab.files")
local command_field = ProtoField.string("wirelab.files.command", "Command")
local name_field = ProtoField.string("wirelab.files.name", "Name")
local status_field = ProtoField.string("wirelab.files.status", "Status")
local words_field = ProtoField.string("wirelab.files.data", "Data")
local content_field =
    ProtoField.uint32("wirelab.files.content", "Characters of base64 in this piece")
local begins_field = ProtoField.string("wirelab.files.begins", "The content begins")
local characters_field =
    ProtoField.uint64("wirelab.files.characters", "Characters of base64 in all")
local size_field = ProtoField.uint64("wirelab.files.size", "Bytes of the content")
files.fields = {
    command_field, name_field, status_field, words_field, content_field, begins_field,
    characters_field, size_field, matching.reply_in, matching.reply_to, matching.time,
}

local function note(name, text, severity)
    return ProtoExpert.new("wirelab.files." .. name, text, expert.group.PROTOCOL, severity)
end
local not_base64 = note("not_base64", "This is not base64", expert.severity.WARN)
local not_json = note("not_json", "This is not JSON", expert.severity.WARN)
local too_long =
    note("too_long", "Command and name have more than 1024 bytes", expert.severity.WARN)
local unknown = note("unknown", "Not a command of this server", expert.severity.NOTE)
local refused = note("refused", "The server says no", expert.severity.NOTE)
files.experts = { not_base64, not_json, too_long, unknown, refused }

local function add(tree, range, words)
    local item = tree:add(files, range)
    item:append_text(", " .. words)
    return item
end

----------------------------------------------------------------------------------------------
-- Base64, a piece at a time

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

-- What the first characters stand for; only whole groups of four.
local function decoded(characters)
    local bytes = {}
    for group in characters:sub(1, 80):gmatch("[%w+/][%w+/][%w+/=][%w+/=]") do
        local sum = 0
        for character in group:gmatch(".") do
            sum = sum * 64 + (ALPHABET:find(character, 1, true) or 1) - 1
        end
        local high, low = math.floor(sum / 65536), sum % 65536
        local three = string.char(high, math.floor(low / 256), low % 256)
        bytes[#bytes + 1] = three:sub(1, 3 - select(2, group:gsub("=", "")))
    end
    return table.concat(bytes)
end

-- Takes note of a piece; whether base64 may go on (or end) so.
local function is_base64(side, piece)
    local padding = select(2, piece:gsub("=", ""))
    local goes_on_behind_padding = side.padding > 0 and piece:find("[^=]") or piece:find("=[^=]")
    side.inside, side.padding = side.inside + #piece, side.padding + padding
    return not piece:find("[^A-Za-z0-9+/=]") and not goes_on_behind_padding and side.padding <= 2
end

local function begin_content(talk)
    local side = talk.side
    side.inside, side.padding, side.is_bad, side.began_in = 0, 0, false, talk.pinfo.number
end

-- A piece of the content, `len` bytes at `offset`.
local function show_piece(talk, tree, offset, len)
    if len == 0 then return end
    local range, side = talk.buffer(offset, len), talk.side
    local characters = talk.buffer:raw(offset, len)
    local item = add(tree, range, "content, " .. Wirelab.count(len, "character") .. " of base64")
    item:add(content_field, range, len)
    if side.inside == 0 then item:add(begins_field, range, Wirelab.shown(decoded(characters))) end
    if not is_base64(side, characters) and not side.is_bad then
        side.is_bad = true
        item:add_proto_expert_info(not_base64)
    end
    if side.began_in ~= talk.pinfo.number then
        Wirelab.say(talk, "content, " .. Wirelab.count(len, "character"))
    end
end

-- What the whole content was, under the item that ends it.
local function end_content(talk, item)
    local side = talk.side
    item:add(characters_field, UInt64(side.inside)):set_generated()
    if side.inside % 4 ~= 0 and not side.is_bad then
        side.is_bad = true
        item:add_proto_expert_info(not_base64)
    end
    local size = math.max(math.floor(side.inside / 4) * 3 - side.padding, 0)
    if not side.is_bad then item:add(size_field, UInt64(size)):set_generated() end
    side.inside = nil
end

----------------------------------------------------------------------------------------------
-- JSON: just enough to say whether it is

local value_end -- Where the value at `at` ends (the place behind it), or nil.

local function string_end(text, at)
    while true do
        at = text:find('["\\%c]', at)
        if not at then return nil end
        local found = text:sub(at, at)
        if found == '"' then return at + 1 end
        if found ~= "\\" or not text:find('^["\\/bfnrtu]', at + 1) then return nil end
        at = at + 2
    end
end

local function skip_blanks(text, at)
    return text:find("[^ \t\r\n]", at) or #text + 1
end

-- The end of an array or of an object; in an object a name and a colon stand before each value.
local function list_end(text, at, close, depth)
    at = skip_blanks(text, at)
    if text:sub(at, at) == close then return at + 1 end
    while true do
        if close == "}" then
            local name_end = text:sub(at, at) == '"' and string_end(text, at + 1)
            at = name_end and skip_blanks(text, name_end)
            if not at or text:sub(at, at) ~= ":" then return nil end
            at = skip_blanks(text, at + 1)
        end
        at = value_end(text, at, depth)
        at = at and skip_blanks(text, at)
        if not at then return nil end
        local found = text:sub(at, at)
        if found == close then return at + 1 end
        if found ~= "," then return nil end
        at = skip_blanks(text, at + 1)
    end
end

function value_end(text, at, depth)
    if depth > 50 then return nil end
    local first = text:sub(at, at)
    if first == '"' then return string_end(text, at + 1) end
    if first == "{" then return list_end(text, at + 1, "}", depth + 1) end
    if first == "[" then return list_end(text, at + 1, "]", depth + 1) end
    local simple = { "^true()", "^false()", "^null()", "^%-?%d+%.?%d*[eE]?[+-]?%d*()" }
    for _, pattern in ipairs(simple) do
        local _, _, behind = text:find(pattern, at)
        if behind then return behind end
    end
    return nil
end

local function is_json(text)
    local behind = value_end(text, skip_blanks(text, 1), 0)
    return behind and skip_blanks(text, behind) == #text + 1
end

----------------------------------------------------------------------------------------------
-- Requests

local COMMANDS = { LIST = true, GET = true, UPLOAD = true, DELETE = true, STATS = true }

-- The end of an upload, with which it becomes a request.
local function show_end(talk, tree, offset)
    local item = add(tree, talk.buffer(offset, #END), "end of the request")
    if talk.side.began_in ~= talk.pinfo.number then Wirelab.say(talk, "end of the request") end
    end_content(talk, item)
    Wirelab.show_request(item, matching, Wirelab.ask(talk, offset))
    return #END
end

-- The part of `bytes` that is content for sure: the last ones may be the beginning of the end.
local function without_half_an_end(bytes)
    for len = #END - 1, 1, -1 do
        if bytes:sub(-len) == END:sub(1, len) then return #bytes - len end
    end
    return #bytes
end

local function upload_step(talk, tree, offset, left)
    local bytes = talk.buffer:raw(offset, math.min(left, REPLY_LEN_MAX))
    local start = bytes:find(END, 1, true)
    if start == 1 then return show_end(talk, tree, offset) end
    local len = start and start - 1 or without_half_an_end(bytes)
    if len == 0 then return nil end
    show_piece(talk, tree, offset, len)
    return len
end

local function show_upload(talk, tree, offset, len, name)
    local item = add(tree, talk.buffer(offset, len), "request: UPLOAD " .. Wirelab.shown(name))
    item:add(command_field, talk.buffer(offset, 6), "UPLOAD")
    item:add(name_field, talk.buffer(offset + 7, #name), Wirelab.shown(name))
    Wirelab.say(talk, "UPLOAD " .. Wirelab.shown(name))
    begin_content(talk)
    return len
end

local function show_request(talk, tree, offset, line)
    local used = #line + #END
    local range = talk.buffer(offset, used)
    local verb, name = line:match("^([^ ]*) ?(.*)$")
    local item = add(tree, range, "request: " .. Wirelab.shown(line))
    item:add(command_field, range, Wirelab.shown(verb:upper()))
    if name ~= "" then item:add(name_field, range, Wirelab.shown(name)) end
    if not COMMANDS[verb:upper()] then item:add_proto_expert_info(unknown) end
    Wirelab.show_request(item, matching, Wirelab.ask(talk, offset))
    Wirelab.say(talk, Wirelab.shown(line))
    return used
end

local function request_step(talk, tree, offset, left)
    if talk.side.inside then return upload_step(talk, tree, offset, left) end
    local bytes = talk.buffer:raw(offset, math.min(left, HEAD_LEN_MAX + #END))
    local start = bytes:find(END, 1, true)
    local line = start and bytes:sub(1, start - 1) or bytes
    local verb, name, content_at = line:match("^(%a+) ([^ ]*) ()")
    if verb and verb:upper() == "UPLOAD" then
        return show_upload(talk, tree, offset, content_at - 1, name)
    end
    if start then return show_request(talk, tree, offset, line) end
    if #bytes < HEAD_LEN_MAX + #END then return nil end
    local item = add(tree, talk.buffer(offset, #bytes), "a request that is too long")
    item:add_proto_expert_info(too_long)
    Wirelab.say(talk, "a request that is too long")
    begin_content(talk)
    talk.side.is_bad = true
    return #bytes
end

----------------------------------------------------------------------------------------------
-- Replies

-- The fields of a reply in JSON from which the content has been left out.
local function show_json(item, range, json)
    local status = json:match('"status"%s*:%s*"([^"]*)"')
    local name = json:match('"data_namafile"%s*:%s*"(.-[^\\])"')
    local words = json:match('"data"%s*:%s*(.*)}%s*$')
    if status then item:add(status_field, range, Wirelab.shown(status)) end
    if name then item:add(name_field, range, Wirelab.shown(name)) end
    if words then item:add(words_field, range, Wirelab.shown(words)) end
    if status == "ERROR" then item:add_proto_expert_info(refused) end
    if not is_json(json) then item:add_proto_expert_info(not_json) end
    return (status or "?") .. " " .. Wirelab.shown(name or words or "")
end

local function match_reply(talk, item, offset)
    Wirelab.show_reply(item, matching, Wirelab.answer(talk, offset))
end

-- The part of a reply in front of the content of a file.
local function show_file_head(talk, tree, offset, head)
    local item = add(tree, talk.buffer(offset, #head), "reply, with the content of a file")
    match_reply(talk, item, offset)
    talk.side.head = head
    begin_content(talk)
    local name = head:match('"data_namafile"%s*:%s*"(.-[^\\])"')
    Wirelab.say(talk, "file " .. Wirelab.shown(name or "?"))
    return #head
end

-- A whole reply, or what stands behind the content of a file.
local function show_reply(talk, tree, offset, line)
    local side = talk.side
    local range = talk.buffer(offset, #line + #END)
    local item = add(tree, range, side.head and "end of the reply" or "reply")
    local words = show_json(item, range, (side.head or "") .. line)
    item:append_text(": " .. words)
    if not side.head then
        match_reply(talk, item, offset)
        Wirelab.say(talk, words)
    elseif side.began_in ~= talk.pinfo.number then
        Wirelab.say(talk, "end of the reply")
    end
    side.head = nil
    return range:len()
end

local function content_step(talk, tree, offset, left)
    local bytes = talk.buffer:raw(offset, math.min(left, REPLY_LEN_MAX))
    local quote = bytes:find('"', 1, true)
    local len = quote and quote - 1 or #bytes
    show_piece(talk, tree, offset, len)
    if not quote then return len end
    -- The quote itself belongs to what follows; only now the size is known.
    local item = add(tree, talk.buffer(offset + len, 1), "end of the content")
    end_content(talk, item)
    talk.side.head = talk.side.head .. '"'
    return len + 1
end

local function reply_step(talk, tree, offset, left)
    if talk.side.inside then return content_step(talk, tree, offset, left) end
    local bytes = talk.buffer:raw(offset, math.min(left, REPLY_LEN_MAX))
    local start = bytes:find(END, 1, true)
    local line = start and bytes:sub(1, start - 1) or bytes
    local content_at = not talk.side.head and line:match('"data_file"%s*:%s*"()')
    if content_at then return show_file_head(talk, tree, offset, bytes:sub(1, content_at - 1)) end
    if start then return show_reply(talk, tree, offset, line) end
    if #bytes < REPLY_LEN_MAX then return nil end
    add(tree, talk.buffer(offset, #bytes), "a piece of a long reply")
    Wirelab.say(talk, "a piece of a long reply")
    return #bytes
end

function files.dissector(buffer, pinfo, tree)
    local talk = Wirelab.talk("lab07", buffer, pinfo)
    Wirelab.walk(talk, tree, talk.is_request and request_step or reply_step)
end

Wirelab.listen(files, "5666", { "tcp" })
