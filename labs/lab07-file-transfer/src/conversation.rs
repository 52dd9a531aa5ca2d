//! One client's conversation in the base64 protocol: requests in, replies out, files as streams.

use std::io;

use crate::connection::Connection;
use crate::guests::Guest;
use crate::host::Host;
use crate::log;
use crate::store::arrival::Arrival;
use crate::wire::base64::Decoder;
use crate::wire::refusal::Refusal;
use crate::wire::reply;
use crate::wire::request::{self, Head, Request};

/// A transfer: lost together with its connection, or refused, or done.
pub type Transfer = io::Result<Result<(), Refusal>>;

/// One client, and what it talks with us about.
pub struct Conversation<'a> {
    pub host: &'a Host,
    pub guest: &'a Guest<'a>,
    pub connection: Connection<'a>,
}

impl Conversation<'_> {
    /// Answers request after request until the client ends its half. What it has begun then and
    /// not finished is no request.
    ///
    /// # Errors
    ///
    /// When the connection is lost, or the client is idle for too long.
    pub fn converse(&mut self) -> io::Result<()> {
        todo!(
            "exercise 7.1 of lab07 (File transfer): Requests out of the stream.

    Take the heads that have come, one after the other: drop the bytes of each (`skip`),
    note that the guest works, `answer` it, note that the guest rests. When no whole
    head is there, read; return when a read brings 0 bytes.

    check it          cargo test -p lab07 -- ex7_1
    see it finished   cargo run -p solution07
    read about it     book/src/lab07-file-transfer.md
"
        )
    }

    fn answer(&mut self, head: Head) -> io::Result<()> {
        self.connection.progress();
        log::request(self.guest.peer, &head.request);
        let reply = match head.request {
            Ok(Request::List) => self.host.store.names().map(|names| reply::list(&names)),
            Ok(Request::Delete(name)) => {
                self.host.store.delete(&name).map(|()| reply::deleted(&name))
            }
            Ok(Request::Stats) => Ok(reply::stats(self.host.counts.sums()?)),
            Ok(Request::Upload(name)) => {
                let transfer = self.upload(&name);
                self.counted(transfer)?.map(|()| reply::uploaded(&name))
            }
            Ok(Request::Get(name)) => {
                let transfer = self.download(&name);
                // Then it has its reply already.
                self.counted(transfer)?.map(|()| String::new())
            }
            Err(refusal) if head.has_content => self.skip_content().map(|()| Err(refusal))?,
            Err(refusal) => Err(refusal),
        };
        self.connection.send(reply.unwrap_or_else(|refusal| reply::error(&refusal)).as_bytes())?;
        // Who was being answered was not idle, however long that took.
        self.connection.progress();
        Ok(())
    }

    /// Counts a transfer, however it has ended.
    pub fn counted(&self, transfer: Transfer) -> Transfer {
        self.host.counts.count(matches!(transfer, Ok(Ok(()))));
        transfer
    }

    /// Sends the file `name` as it is read.
    ///
    /// A file that cannot be read to its end is an error of the connection: half of the reply has
    /// left already, and nothing that follows could take it back.
    fn download(&mut self, name: &str) -> Transfer {
        todo!(
            "exercise 7.3 of lab07 (File transfer): GET: a file as a stream.

    Open the file; a refusal is the outcome of the transfer. Empty the outbox and put
    the head of the reply into it. Send the file encoded, put the tail behind it, and
    flush.

    check it          cargo test -p lab07 -- ex7_3
    see it finished   cargo run -p solution07
    read about it     book/src/lab07-file-transfer.md
"
        )
    }

    /// Stores what comes as the file `name`, piece after piece, up to the end of the request. Also
    /// what is refused is read to its end: there the next request begins.
    fn upload(&mut self, name: &str) -> Transfer {
        todo!(
            "exercise 7.4 of lab07 (File transfer): UPLOAD: whole or not at all.

    Begin an arrival of that name. Take what has come of the content piece by piece
    (`request::content`): store each piece, drop its bytes, and read more until the last
    one is there. Drop its END as well. At the end the decoder and the arrival must both
    be able to finish. If anything was refused, read on to the end all the same.

    check it          cargo test -p lab07 -- ex7_4
    see it finished   cargo run -p solution07
    read about it     book/src/lab07-file-transfer.md
"
        )
    }

    /// Decodes the first `len` bytes that have come, and writes what they stand for to the file;
    /// hands the file back for the next piece. Only the block passes through our memory, and a piece
    /// that arrives is progress.
    fn store_piece(
        &mut self,
        mut arrival: Arrival,
        decoder: &mut Decoder,
        len: usize,
    ) -> Result<Arrival, Refusal> {
        let buffers = &mut *self.connection.buffers;
        buffers.block.clear();
        decoder.decode(&buffers.inbox.bytes()[..len], &mut buffers.block)?;
        arrival.write(&buffers.block)?;
        self.connection.progress();
        Ok(arrival)
    }

    /// Reads content that nobody wants, up to its end.
    fn skip_content(&mut self) -> io::Result<()> {
        loop {
            let content = request::content(self.connection.bytes());
            self.connection.skip(content.len);
            if content.is_last {
                self.connection.skip(request::END.len());
                return Ok(());
            }
            self.connection.read_more()?;
        }
    }
}
