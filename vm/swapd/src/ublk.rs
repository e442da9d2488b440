//! The store as a ublk device: one queue, one thread, the kernel's requests by
//! io_uring.

use crate::store::Store;
use anyhow::{Result, anyhow};
use libublk::ctrl::{UblkCtrl, UblkCtrlBuilder};
use libublk::helpers::IoBuf;
use libublk::io::{BufDesc, BufDescList, UblkDev, UblkQueue};
use libublk::{UblkError, UblkFlags, UblkIORes, sys};
use std::process::exit;
use std::sync::{Arc, Mutex};

/// Serves until it is killed; `ready` is told the device once it exists.
///
/// # Errors
/// The driver's: not loaded, no permission, a command refused.
pub fn serve(store: Store, ready: impl FnOnce(&str) + Send + Sync + 'static) -> Result<()> {
    let control = UblkCtrlBuilder::default()
        .name("swapd")
        .nr_queues(1)
        .depth(16)
        .io_buf_bytes(128 * 1024)
        .dev_flags(UblkFlags::UBLK_DEV_F_ADD_DEV)
        .build()?;
    let bytes = store.bytes();
    let store = Arc::new(Mutex::new(store));
    let init = |device: &mut UblkDev| {
        device.set_default_params(bytes);
        Ok(())
    };
    let queue = move |id, device: &UblkDev| {
        if let Err(error) = serve_queue(&store, id, device) {
            eprintln!("swapd: queue {id}: {error}");
            exit(1); // a queue that nobody serves is a device that hangs
        }
    };
    let started = move |control: &UblkCtrl| ready(&control.get_bdev_path());
    control.run_target(init, queue, started)?;
    Err(anyhow!("the device was stopped"))
}

fn serve_queue(store: &Mutex<Store>, id: u16, device: &UblkDev) -> Result<(), UblkError> {
    let mut store = store
        .lock()
        .map_err(|_| UblkError::OtherError(-libc::EIO))?;
    let mut buffers = device.alloc_queue_io_bufs();
    // As after some time of service: what it uses is touched, and can leave.
    buffers.iter_mut().for_each(IoBuf::zero_buf);
    let queue = UblkQueue::new(id, device)?
        .submit_fetch_commands_unified(BufDescList::Slices(Some(&buffers)))?;
    queue.wait_and_handle_io(|queue, tag, _| {
        let buffer = &mut buffers[usize::from(tag)];
        let result = Ok(UblkIORes::Result(handle(&mut store, queue, tag, buffer)));
        if let Err(error) = queue.complete_io_cmd_unified(tag, BufDesc::from_io_buf(buffer), result)
        {
            eprintln!("swapd: request {tag} can't be completed: {error}");
            exit(1);
        }
    });
    Ok(())
}

/// Bytes done, or a negative error number.
fn handle(store: &mut Store, queue: &UblkQueue<'_>, tag: u16, buffer: &mut IoBuf<u8>) -> i32 {
    let request = queue.get_iod(tag);
    let offset = request.start_sector << 9;
    let Some(data) = buffer.get_mut(..(request.nr_sectors as usize) << 9) else {
        return -libc::EINVAL;
    };
    let result = match request.op_flags & 0xff {
        sys::UBLK_IO_OP_READ => store.read(data, offset),
        sys::UBLK_IO_OP_WRITE => store.write(data, offset),
        sys::UBLK_IO_OP_FLUSH => store.flush(),
        _ => return -libc::EOPNOTSUPP,
    };
    match result {
        Ok(()) => i32::try_from(data.len()).unwrap_or(-libc::EINVAL),
        Err(error) => -error.raw_os_error().unwrap_or(libc::EIO),
    }
}
