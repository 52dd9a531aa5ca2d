//! One client's conversation in the raw protocol, given complete: the same store, the same limits,
//! and no base64.

use std::io::{self, ErrorKind, Read};

use crate::buffers::BLOCK_LEN;
use crate::conversation::{Conversation, Transfer};
use crate::log;
use crate::send_file::send_file;
use crate::wire::raw::{self, Line, Request};
use crate::wire::refusal::Refusal;

impl Conversation<'_> {
    /// Answers request after request until the client ends its half, or says something after which
    /// nobody knows where the next request begins.
    ///
    /// # Errors
    ///
    /// When the connection is lost, or the client is idle for too long.
    pub fn converse_raw(&mut self) -> io::Result<()> {
        loop {
            while let Some(line) = raw::line(self.connection.bytes()) {
                self.connection.skip(line.len);
                self.guest.works();
                if !self.answer_raw(line)? {
                    return Ok(());
                }
                self.guest.rests();
            }
            if self.connection.read()? == 0 {
                return Ok(());
            }
        }
    }

    /// Answers one request; `false` if it was the last one that can be understood.
    fn answer_raw(&mut self, line: Line) -> io::Result<bool> {
        self.connection.progress();
        log::request(self.guest.peer, &line.request);
        let store = &self.host.store;
        let reply = match line.request {
            Ok(Request::List) => store.names().map(|names| raw::list(&names)),
            Ok(Request::Delete(name)) => store.delete(&name).map(|()| raw::DONE.to_string()),
            Ok(Request::Stats) => Ok(format!("{}\r\n", self.host.counts.sums()?)),
            Ok(Request::Upload(name, size)) => {
                let transfer = self.upload_raw(&name, size);
                self.counted(transfer)?.map(|()| raw::DONE.to_string())
            }
            Ok(Request::Download(name)) => {
                let transfer = self.download_raw(&name);
                self.counted(transfer)?.map(|()| String::new())
            }
            Err(refusal) => Err(refusal),
        };
        let goes_on = !reply.as_ref().is_err_and(Refusal::loses_place);
        self.connection.send(reply.unwrap_or_else(|refusal| raw::error(&refusal)).as_bytes())?;
        self.connection.progress();
        Ok(goes_on)
    }

    fn download_raw(&mut self, name: &str) -> Transfer {
        let (file, size) = match self.host.store.open_with_size(name) {
            Ok(found) => found,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let head = format!("{size}\r\n");
        if size > BLOCK_LEN as u64 {
            self.connection.send(head.as_bytes())?;
            return send_file(&mut self.connection, &file, size).map(Ok);
        }
        // What is short leaves in one write, head and all.
        let buffers = &mut *self.connection.buffers;
        buffers.read_block(&mut (&file).take(size))?;
        buffers.outbox.clear();
        buffers.outbox.extend_from_slice(head.as_bytes());
        buffers.outbox.extend_from_slice(&buffers.block);
        let is_whole = buffers.block.len() as u64 == size;
        self.connection.flush()?;
        if is_whole { Ok(Ok(())) } else { Err(ErrorKind::UnexpectedEof.into()) }
    }

    fn upload_raw(&mut self, name: &str, size: u64) -> Transfer {
        let mut arrival = self.host.store.begin(name);
        let mut left = size;
        loop {
            let bytes = self.connection.bytes();
            let count = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            if let Ok(file) = &mut arrival {
                match file.write(&bytes[..count]) {
                    Ok(()) => self.connection.progress(),
                    Err(refusal) => arrival = Err(refusal),
                }
            }
            self.connection.skip(count);
            left -= count as u64;
            if left == 0 {
                return Ok(arrival.and_then(|arrival| arrival.finish()));
            }
            self.connection.read_more()?;
        }
    }
}
