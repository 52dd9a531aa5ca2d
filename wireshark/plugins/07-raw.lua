-- Lab 07 with `--wire raw`: lines that end in CR LF, and files as they are, after their size.
--
--   LIST\r\n                    names joined by LF, then \r\n\r\n
--   DOWNLOAD name\r\n           size\r\n, and so many bytes
--   UPLOAD name size\r\n        (so many bytes follow)    200 OK\r\n
--   DELETE name\r\n             200 OK\r\n
--   STATS\r\n                   succeeded failed\r\n
--   anything that fails         code text\r\n
--
-- What a reply looks like depends on its request: without it, nobody knows where a reply ends.

local raw = Proto("wirelab.raw", "Wirelab lab 07, files as they are")

local LINE_LEN_MAX = 1024
local LIST_LEN_MAX = 64 * 1024

local matching = Wirelab.matching("wirelab.raw")
local command_field = ProtoField.string("wirelab.raw.command", "Command")
local name_field = ProtoField.string("wirelab.raw.name", "Name")
local size_field = ProtoField.uint64("wirelab.raw.size", "Bytes of the file")
local content_field = ProtoField.uint32("wirelab.raw.content", "Bytes of the file in this piece")
local reply_field = ProtoField.string("wirelab.raw.reply", "Reply")
local code_field = ProtoField.uint16("wirelab.raw.code", "Code")
raw.fields = {
    command_field, name_field, size_field, content_field, reply_field, code_field,
    matching.reply_in, matching.reply_to, matching.time,
}

local function note(name, text, severity)
    return ProtoExpert.new("wirelab.raw." .. name, text, expert.group.PROTOCOL, severity)
end
local WARN, NOTE = expert.severity.WARN, expert.severity.NOTE
local too_long = note("too_long", "A line of more than 1024 bytes: the connection ends here", WARN)
local no_size = note("no_size", "The size is missing: the connection ends here", WARN)
local unknown = note("unknown", "Not a command of this server", NOTE)
local refused = note("refused", "The server says no", NOTE)
raw.experts = { too_long, no_size, unknown, refused }

local COMMANDS = { LIST = true, DOWNLOAD = true, UPLOAD = true, DELETE = true, STATS = true }

local function add(tree, range, words)
    local item = tree:add(raw, range)
    item:append_text(", " .. words)
    return item
end

-- The size of a file, if a sane number stands there.
local function size_of(digits)
    return digits and #digits <= 15 and tonumber(digits) or nil
end

-- From here on, `size` bytes of a file follow.
local function begin_content(talk, size)
    if size > 0 then talk.side.missing, talk.side.inside = size, 0 end
end

local function content_step(talk, tree, offset, left)
    local side = talk.side
    local len = math.min(left, side.missing)
    local range = talk.buffer(offset, len)
    side.missing, side.inside = side.missing - len, side.inside + len
    local words = "content, " .. Wirelab.count(len, "byte")
    if side.missing == 0 then
        words = words .. ", the last of " .. string.format("%.0f", side.inside)
        -- An upload is asked for by its line, and its reply is awaited from its last byte on.
        if side.upload then side.upload.at = talk.pinfo.rel_ts end
        side.missing, side.inside, side.upload = nil, nil, nil
    end
    local item = add(tree, range, words)
    item:add(content_field, range, len)
    Wirelab.say(talk, words)
    return len
end

local function show_request(talk, tree, offset, line)
    local used = #line + 2
    local range = talk.buffer(offset, used)
    local verb, rest = line:match("^([^ ]*) ?(.*)$")
    verb = verb:upper()
    local name, digits = rest, nil
    if verb == "UPLOAD" then name, digits = rest:match("^(.*) (%d+)$") end
    local item = add(tree, range, "request: " .. Wirelab.shown(line))
    item:add(command_field, range, Wirelab.shown(verb))
    if name and name ~= "" then item:add(name_field, range, Wirelab.shown(name)) end
    if not COMMANDS[verb] then item:add_proto_expert_info(unknown) end
    local size = size_of(digits)
    if size then
        item:add(size_field, range, UInt64(size))
        begin_content(talk, size)
    elseif verb == "UPLOAD" then
        item:add_proto_expert_info(no_size)
    end
    local request = Wirelab.ask(talk, offset, { command = verb })
    if talk.side.missing then talk.side.upload = request end
    Wirelab.show_request(item, matching, request)
    Wirelab.say(talk, Wirelab.shown(line))
    return used
end

local function request_step(talk, tree, offset, left)
    if talk.side.missing then return content_step(talk, tree, offset, left) end
    local bytes = talk.buffer:raw(offset, math.min(left, LINE_LEN_MAX + 2))
    local start = bytes:find("\r\n", 1, true)
    if start then return show_request(talk, tree, offset, bytes:sub(1, start - 1)) end
    if #bytes < LINE_LEN_MAX + 2 then return nil end
    local item = add(tree, talk.buffer(offset, left), "a line that is too long")
    item:add_proto_expert_info(too_long)
    Wirelab.say(talk, "a line that is too long")
    return left
end

-- How many bytes the reply at the front has: that of LIST ends in CR LF CR LF, all others, and
-- errors, in CR LF.
local function reply_len(bytes, command)
    local _, line_end = bytes:find("\r\n", 1, true)
    local is_error = line_end and bytes:find("^[45]%d%d [^\n]*\r\n")
    if command ~= "LIST" or is_error then return line_end end
    local _, list_end = bytes:find("\r\n\r\n", 1, true)
    return list_end
end

local function show_reply(talk, tree, offset, bytes, command)
    local range = talk.buffer(offset, #bytes)
    local words = Wirelab.shown((bytes:gsub("[\r\n]+$", "")))
    local item = add(tree, range, "reply: " .. words)
    item:add(reply_field, range, words)
    -- The sums of STATS could look like a code, and a name in a list, too.
    local code = bytes:match(command == "STATS" and "^(%d%d%d) %a" or "^(%d%d%d) ")
    if code and (command ~= "LIST" or not bytes:find("\r\n\r\n$")) then
        item:add(code_field, range(0, 3), tonumber(code))
        if code:find("^[45]") then item:add_proto_expert_info(refused) end
    end
    local size = command == "DOWNLOAD" and size_of(bytes:match("^(%d+)\r\n"))
    if size then
        item:add(size_field, range, UInt64(size))
        begin_content(talk, size)
    end
    Wirelab.show_reply(item, matching, Wirelab.answer(talk, offset))
    Wirelab.say(talk, words)
    return #bytes
end

local function reply_step(talk, tree, offset, left)
    if talk.side.missing then return content_step(talk, tree, offset, left) end
    local request = Wirelab.asked(talk, offset)
    local command = request and request.command
    local bytes = talk.buffer:raw(offset, math.min(left, LIST_LEN_MAX))
    local len = reply_len(bytes, command)
    if len then return show_reply(talk, tree, offset, bytes:sub(1, len), command) end
    if #bytes < LIST_LEN_MAX then return nil end
    add(tree, talk.buffer(offset, left), "a piece of a long reply")
    return left
end

function raw.dissector(buffer, pinfo, tree)
    local talk = Wirelab.talk("lab07", buffer, pinfo)
    Wirelab.walk(talk, tree, talk.is_request and request_step or reply_step)
end

Wirelab.listen(raw, "9000", { "tcp" })
