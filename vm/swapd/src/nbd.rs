//! The store as an nbd device: requests and replies over a pair of sockets, of
//! which the kernel holds one end.

use crate::store::Store;
use anyhow::{Context, Result, bail, ensure};
use memmap2::MmapMut;
use nbd_netlink::{NBD, NBDConnect};
use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

const REQUEST_MAGIC: u32 = 0x2560_9513;
const REPLY_MAGIC: u32 = 0x6744_6698;
const READ: u16 = 0;
const WRITE: u16 = 1;
const DISCONNECT: u16 = 2;

/// The largest request. The kernel's own limit is above a megabyte.
const LARGEST: usize = 128 * 1024;

/// Serves until the kernel disconnects; `ready` is told the device once it exists.
///
/// # Errors
/// The kernel's, and what breaks the protocol.
pub fn serve(store: Store, ready: impl FnOnce(&str)) -> Result<()> {
    let (ours, kernels) = UnixStream::pair()?;
    let index = NBDConnect::new()
        .size_bytes(store.bytes())
        .block_size(4096)
        .connect(&mut NBD::new()?, [&kernels])?;
    drop(kernels); // the kernel holds its end itself: should we end, it notices
    let limit = format!("/sys/block/nbd{index}/queue/max_sectors_kb");
    fs::write(&limit, (LARGEST / 1024).to_string()).context(limit)?;
    // Anonymous memory is aligned as direct I/O wants it.
    let mut buffer = MmapMut::map_anon(LARGEST)?;
    // As after some time of service: what it uses is touched, and can leave.
    buffer.fill(0);
    let mut server = Server {
        store,
        socket: ours,
        buffer,
    };
    ready(&format!("/dev/nbd{index}"));
    while server.serve_one()? {}
    Ok(())
}

struct Server {
    store: Store,
    socket: UnixStream,
    buffer: MmapMut,
}

impl Server {
    /// Whether there may be another.
    fn serve_one(&mut self) -> Result<bool> {
        let mut header = [0; 28];
        self.socket.read_exact(&mut header).context("no request")?;
        ensure!(
            be32(&header[0..4]) == REQUEST_MAGIC,
            "not a request: {header:?}"
        );
        let kind = u16::from_be_bytes([header[6], header[7]]);
        let cookie = &header[8..16];
        let offset = u64::from(be32(&header[16..20])) << 32 | u64::from(be32(&header[20..24]));
        let length = be32(&header[24..28]) as usize;
        ensure!(
            length <= LARGEST,
            "a request for {length} bytes, expected at most {LARGEST}"
        );

        let data = &mut self.buffer[..length];
        let result = match kind {
            READ => self.store.read(data, offset),
            WRITE => {
                self.socket.read_exact(data)?;
                self.store.write(data, offset)
            }
            DISCONNECT => return Ok(false),
            other => bail!("a request of kind {other}, which was not offered"),
        };
        let errno = result
            .err()
            .map_or(0, |error| error.raw_os_error().unwrap_or(libc::EIO));

        let mut reply = [0; 16];
        reply[0..4].copy_from_slice(&REPLY_MAGIC.to_be_bytes());
        reply[4..8].copy_from_slice(&errno.to_be_bytes());
        reply[8..16].copy_from_slice(cookie);
        self.socket.write_all(&reply)?;
        if kind == READ && errno == 0 {
            self.socket.write_all(data)?;
        }
        Ok(true)
    }
}

fn be32(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(0, |value, &byte| value << 8 | u32::from(byte))
}
