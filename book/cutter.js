// The widget of lab 04: messages become a stream, sliders cut it into reads, and a decoder makes
// messages of it again. Plain JavaScript; without it the page shows what stands in the container.
"use strict";

(() => {
    const container = document.getElementById("cutter");
    if (!container) return;

    const FIXED = 16;
    const BLOCK = 4;
    const LF = 10;
    const BACKSLASH = 92;

    const bytesOf = (text) => [...new TextEncoder().encode(text.replaceAll("\\n", "\n"))];
    const length = (count) => [count >>> 24, (count >>> 16) & 255, (count >>> 8) & 255, count & 255];
    const lengthOf = (bytes) =>
        bytes[0] * 2 ** 24 + bytes[1] * 2 ** 16 + bytes[2] * 2 ** 8 + bytes[3];

    // What a decoder takes off the front of its inbox: a message, or undefined for "not yet".
    // `ended` says that nothing more will come.
    const FRAMINGS = {
        none: {
            about: "Nothing marks an end: whatever one read brings is taken for a message.",
            encode: (message) => message,
            decode: (inbox) => inbox.splice(0),
        },
        close: {
            about: "The end of the stream ends the message: only the first one can be sent.",
            only: 1,
            encode: (message) => message,
            decode: (inbox, ended) => (ended ? inbox.splice(0) : undefined),
        },
        fixed: {
            about: `Every message is ${FIXED} bytes long, filled up with NULs.`,
            encode: (message) => [...message, ...Array(Math.max(0, FIXED - message.length)).fill(0)],
            refuses: (message) => message.length > FIXED && `is longer than ${FIXED} bytes`,
            decode: (inbox) => {
                if (inbox.length < FIXED) return undefined;
                const record = inbox.splice(0, FIXED);
                while (record.at(-1) === 0) record.pop();
                return record;
            },
        },
        delimiter: {
            about: "An LF ends a message; one inside is written \\n, and a backslash \\\\.",
            encode: (message) => [
                ...message.flatMap((byte) => {
                    if (byte === LF) return [BACKSLASH, 110];
                    return byte === BACKSLASH ? [BACKSLASH, BACKSLASH] : [byte];
                }),
                LF,
            ],
            decode: (inbox) => {
                const end = inbox.indexOf(LF);
                if (end < 0) return undefined;
                const line = inbox.splice(0, end + 1).slice(0, -1);
                const message = [];
                for (let at = 0; at < line.length; at++) {
                    const [byte, next] = [line[at], line[at + 1]];
                    const escaped = byte === BACKSLASH && (next === 110 || next === BACKSLASH);
                    message.push(escaped && next === 110 ? LF : byte);
                    if (escaped) at++;
                }
                return message;
            },
        },
        prefix: {
            about: "Four bytes in front say how long the message is.",
            encode: (message) => [...length(message.length), ...message],
            decode: (inbox) => {
                if (inbox.length < 4 || inbox.length < 4 + lengthOf(inbox)) return undefined;
                return inbox.splice(0, 4 + lengthOf(inbox)).slice(4);
            },
        },
        blocks: {
            about: `Blocks of at most ${BLOCK} bytes here, each with its length; an empty one ends the message.`,
            encode: (message) => {
                const blocks = [];
                for (let at = 0; at < message.length; at += BLOCK) {
                    const block = message.slice(at, at + BLOCK);
                    blocks.push(...length(block.length), ...block);
                }
                return [...blocks, ...length(0)];
            },
            decode: (inbox) => {
                const message = [];
                for (let at = 0; at + 4 <= inbox.length; ) {
                    const size = lengthOf(inbox.slice(at, at + 4));
                    if (size === 0) {
                        inbox.splice(0, at + 4);
                        return message;
                    }
                    message.push(...inbox.slice(at + 4, at + 4 + size));
                    at += 4 + size;
                }
                return undefined;
            },
        },
    };

    const shown = (bytes) => {
        const names = { 0: "\\0", 9: "\\t", 10: "\\n", 13: "\\r", 92: "\\\\" };
        const one = (byte) =>
            names[byte] ??
            (byte > 31 && byte < 127 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`);
        return bytes.map(one);
    };
    const quoted = (bytes) => `"${shown(bytes).join("")}"`;
    const same = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);

    // Cuts a stream and lets the decoder work: for each read what came, what was handed out, and
    // what is kept.
    function play(framing, messages, cuts) {
        const sent = messages.slice(0, framing.only ?? messages.length);
        const stream = sent.flatMap((message) => framing.encode(message));
        const places = cuts.map((cut) => Math.round((cut / 100) * stream.length));
        const borders = [0, ...places.sort((a, b) => a - b), stream.length];
        const reads = [];
        const inbox = [];
        const got = [];
        for (let at = 1; at < borders.length; at++) {
            const piece = stream.slice(borders[at - 1], borders[at]);
            const ended = at === borders.length - 1;
            if (piece.length === 0 && !(ended && framing.only)) continue;
            inbox.push(...piece);
            const out = [];
            for (;;) {
                if (inbox.length === 0 && !(ended && framing.only && got.length + out.length === 0)) break;
                const message = framing.decode(inbox, ended);
                if (message === undefined) break;
                out.push(message);
            }
            got.push(...out);
            reads.push({ piece, out, kept: [...inbox] });
        }
        const right = got.length === sent.length && got.every((message, at) => same(message, sent[at]));
        return { sent, reads, got, right };
    }

    const make = (tag, options = {}, ...children) => {
        const element = document.createElement(tag);
        for (const [name, value] of Object.entries(options)) element.setAttribute(name, value);
        element.append(...children);
        return element;
    };

    const messages = ["halo", "dunia", "satu\\ndua"].map((value, at) =>
        make("input", { type: "text", value, maxlength: 24, "aria-label": `Message ${at + 1}` }),
    );
    const cuts = [30, 55, 80].map((value, at) =>
        make("input", { type: "range", min: 0, max: 100, value, "aria-label": `Cut ${at + 1}` }),
    );
    const choices = Object.keys(FRAMINGS).map((name) => {
        const radio = make("input", { type: "radio", name: "cutter-framing", value: name });
        radio.checked = name === "none";
        return make("label", {}, radio, ` ${name}`);
    });
    const about = make("p", { class: "cutter-about" });
    const table = make("table");
    const verdict = make("p", { class: "cutter-verdict", role: "status" });
    const others = make("p", { class: "cutter-others" });

    function row(read, number) {
        const piece = make("td", { class: "cutter-bytes" });
        for (const letter of shown(read.piece)) piece.append(make("code", {}, letter));
        const out = read.out.map(quoted).join(", ") || "nothing";
        const kept = read.kept.length ? quoted(read.kept) : "nothing";
        return make("tr", {}, make("th", { scope: "row" }, `${number + 1}`), piece, make("td", {}, out), make("td", {}, kept));
    }

    function draw() {
        const chosen = choices.find((label) => label.firstChild.checked).firstChild.value;
        const framing = FRAMINGS[chosen];
        const sent = messages.map((input) => bytesOf(input.value));
        const places = cuts.map((input) => Number(input.value));
        const refused = sent.map((message) => framing.refuses?.(message)).findIndex(Boolean);
        about.textContent = framing.about;
        const head = ["read", "what it brings", "messages handed out", "kept for later"];
        table.replaceChildren(make("tr", {}, ...head.map((name) => make("th", { scope: "col" }, name))));
        if (refused >= 0) {
            verdict.textContent = `Message ${refused + 1} cannot be sent: it ${framing.refuses(sent[refused])}.`;
        } else {
            const result = play(framing, sent, places);
            table.append(...result.reads.map(row));
            const count = `${result.sent.length} sent, ${result.got.length} handed out`;
            verdict.textContent = result.right
                ? `Right: ${count}, each as it was sent.`
                : `Wrong: ${count}: ${result.got.map(quoted).join(", ") || "nothing"}.`;
            container.dataset.verdict = result.right ? "right" : "wrong";
        }
        const right = Object.keys(FRAMINGS).filter(
            (name) => !sent.some((message) => FRAMINGS[name].refuses?.(message)) && play(FRAMINGS[name], sent, places).right,
        );
        others.textContent = `With these cuts, right are: ${right.join(", ") || "none of them"}.`;
    }

    const field = (title, ...children) => make("fieldset", {}, make("legend", {}, title), ...children);
    container.replaceChildren(
        field("Three messages (\\n is a line feed)", ...messages),
        field("Framing", ...choices),
        field("Where the network cuts the stream", ...cuts),
        about,
        make("div", { class: "table-wrapper" }, table),
        verdict,
        others,
    );
    container.addEventListener("input", draw);
    // The arrow keys belong to the sliders here, not to the pages of the book.
    container.addEventListener("keydown", (event) => event.stopPropagation());
    draw();
})();
