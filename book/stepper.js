// The widget of lab 02: an event loop that one can step. The reader is the world: clients connect,
// send, stop reading, leave. Plain JavaScript; without it the page shows what stands in the
// container.
"use strict";

(() => {
    const container = document.getElementById("stepper");
    if (!container) return;

    const CLIENTS_MAX = 3;
    const STEP_LEN = 4;
    const HIGH_WATER = 8;
    const ROOM = 6;
    const SENT_LEN = 5;

    const BEATS = [
        ["ask", "what does each connection want now?"],
        ["wait", "until something is ready"],
        ["accept", "everyone at the door"],
        ["serve", "each ready connection, one step"],
        ["drop", "the finished and the broken"],
    ];

    let clients, names, beat, ready, said;

    function begin() {
        [clients, names, beat, ready] = [[], 0, 0, null];
        said = "Nobody is here. Let a client connect, or step.";
    }

    const bytes = (count) => `${count} ${count === 1 ? "byte" : "bytes"}`;

    // What the loop wants to be told about a client: computed from its state, never stored.
    const interest = (client) => ({
        read: !client.inside || client.done ? false : client.owed < HIGH_WATER,
        write: client.inside && client.owed > 0,
    });
    const isReadable = (client) => client.waiting > 0 || client.ended || client.gone;
    const isWritable = (client) => client.unread < ROOM || client.gone;

    const LOOP = [
        () => {
            const asked = clients.filter((it) => interest(it).read || interest(it).write);
            ready = null;
            return `Asks about the listener and ${asked.map((it) => it.name).join(", ") || "no client"}.`;
        },
        () => {
            const found = {
                door: clients.some((it) => !it.inside),
                read: clients.filter((it) => interest(it).read && isReadable(it)),
                write: clients.filter((it) => interest(it).write && isWritable(it)),
            };
            if (!found.door && !found.read.length && !found.write.length) return null;
            ready = found;
            const words = [
                ...(found.door ? ["the listener"] : []),
                ...found.read.map((it) => `${it.name} can be read`),
                ...found.write.map((it) => `${it.name} can be written`),
            ];
            return `Wakes up: ${words.join(", ")}.`;
        },
        () => {
            const door = ready.door ? clients.filter((it) => !it.inside) : [];
            for (const client of door) client.inside = true;
            return door.length ? `Lets in ${door.map((it) => it.name).join(", ")}.` : "Nobody is at the door.";
        },
        () => [...ready.read.map(readFrom), ...ready.write.map(writeTo)].join(" ") || "Nobody is to be served.",
        () => {
            const leaving = clients.filter((it) => it.inside && (it.broken || (it.done && it.owed === 0)));
            clients = clients.filter((it) => !leaving.includes(it));
            const words = leaving.map((it) => `${it.name} is ${it.broken ? "broken" : "finished"}`);
            return words.length ? `${words.join(", ")}: dropped.` : "Nobody is to be dropped.";
        },
    ];

    function readFrom(client) {
        if (client.gone) {
            client.broken = true;
            return `Reading from ${client.name} fails: it was reset.`;
        }
        const count = Math.min(STEP_LEN, client.waiting);
        if (count === 0) {
            client.done = true;
            return `${client.name} has ended: a read returns 0.`;
        }
        client.waiting -= count;
        client.owed += count;
        return `Reads ${bytes(count)} from ${client.name}, and owes them.`;
    }

    function writeTo(client) {
        if (client.gone) {
            client.broken = true;
            return `Writing to ${client.name} fails: it was reset.`;
        }
        const count = Math.min(client.owed, ROOM - client.unread);
        client.owed -= count;
        client.unread = client.reads ? 0 : client.unread + count;
        return `Writes ${bytes(count)} to ${client.name}.`;
    }

    function step() {
        const words = LOOP[beat]();
        if (words === null) {
            said = "Asleep: nothing is ready. Make something happen.";
            return false;
        }
        said = `${BEATS[beat][0]}: ${words}`;
        beat = (beat + 1) % BEATS.length;
        return true;
    }

    const make = (tag, options = {}, ...children) => {
        const element = document.createElement(tag);
        for (const [name, value] of Object.entries(options)) element.setAttribute(name, value);
        element.append(...children);
        return element;
    };
    const button = (id, words, press, disabled = false) => {
        const it = make("button", { type: "button", "data-id": id }, words);
        it.disabled = disabled;
        it.addEventListener("click", () => {
            press();
            draw();
            container.querySelector(`[data-id="${id}"]`)?.focus();
        });
        return it;
    };

    function connect() {
        const name = String.fromCharCode(65 + (names++ % 26));
        clients.push({ name, waiting: 0, owed: 0, unread: 0, reads: true });
        said = `${name} connects. The kernel says yes; the program does not know of it yet.`;
    }

    function row(client) {
        const wants = interest(client);
        const can = ready && { read: ready.read.includes(client), write: ready.write.includes(client) };
        const both = (it) => [it.read && "read", it.write && "write"].filter(Boolean).join(", ") || "nothing";
        const acts = [
            button(`send-${client.name}`, `send ${SENT_LEN}`, () => {
                client.waiting += SENT_LEN;
                said = `${client.name} sends ${bytes(SENT_LEN)}.`;
            }, client.ended || client.gone),
            button(`reads-${client.name}`, client.reads ? "stop reading" : "read again", () => {
                client.reads = !client.reads;
                if (client.reads) client.unread = 0;
                said = `${client.name} ${client.reads ? "reads again" : "reads no more"}.`;
            }, client.gone),
            button(`end-${client.name}`, "end", () => {
                client.ended = true;
                said = `${client.name} ends its half: a FIN.`;
            }, client.ended || client.gone),
            button(`reset-${client.name}`, "reset", () => {
                client.gone = true;
                said = `${client.name} throws the connection away: an RST.`;
            }, client.gone),
        ];
        const cells = client.inside
            ? [both(wants), can ? both(can) : "–", `${client.waiting}`, `${client.owed}`, `${client.unread}`]
            : ["at the door", "–", `${client.waiting}`, "–", "–"];
        return make(
            "tr",
            {},
            make("th", { scope: "row" }, client.name),
            ...cells.map((words) => make("td", {}, words)),
            make("td", { class: "stepper-acts" }, ...acts),
        );
    }

    function draw() {
        const beats = BEATS.map(([name, about], at) =>
            make("li", at === beat ? { "aria-current": "step" } : {}, make("strong", {}, name), ` ${about}`),
        );
        const head = ["client", "we want", "ready", "waits unread", "owed", "it has not read", ""];
        container.replaceChildren(
            make("ol", { class: "stepper-beats" }, ...beats),
            make(
                "p",
                {},
                button("step", "Step", step),
                button("round", "One round", () => {
                    for (let left = BEATS.length; left > 0 && step(); left--) if (beat === 0) break;
                }),
                button("connect", "A client connects", connect, clients.length >= CLIENTS_MAX),
                button("again", "Start again", begin),
            ),
            make("p", { class: "stepper-said", role: "status" }, said),
            make(
                "div",
                { class: "table-wrapper" },
                make("table", {}, make("tr", {}, ...head.map((it) => make("th", { scope: "col" }, it))), ...clients.map(row)),
            ),
            make("p", {}, `One read brings at most ${STEP_LEN} bytes, the high-water mark is ${HIGH_WATER}, and a client that does not read has room for ${ROOM}.`),
        );
    }

    // Enter and the arrow keys belong to the buttons here, not to the pages of the book.
    container.addEventListener("keydown", (event) => event.stopPropagation());
    begin();
    draw();
})();
