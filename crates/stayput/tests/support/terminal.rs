//! A test's body on a terminal of its own, under a small shell that has job control.
//!
//! The test types and watches at one end of a pseudoterminal. At the other the test binary
//! runs again, as the session's leader: it puts the body, a child, into the foreground and
//! reports how that fares. Without a leader of its session a stopped process has nobody to
//! continue it, and the kernel does not stop it.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

const BODY: &str = "STAYPUT_TERMINAL_BODY";
const PATIENCE: Duration = Duration::from_secs(60);

/// The test's end.
pub(crate) struct Terminal {
    pub(crate) master: File,
    leader: Child,
    orders: ChildStdin,
    reports: BufReader<ChildStdout>,
}

/// Runs `body` at the other end; `None` in the body's own process, when it is over.
pub(crate) fn on_terminal(name: &str, body: impl FnOnce()) -> Option<Terminal> {
    if std::env::var_os(BODY).is_some_and(|it| it == *name) {
        lead(body);
        return None;
    }
    // Until its descriptors are closed on exec, no other test's leader may start: it
    // would keep this terminal open.
    static STARTING: Mutex<()> = Mutex::new(());
    let starting = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
    let (master, slave) = pseudoterminal();
    let mut command = Command::new(std::env::current_exe().expect("the test binary"));
    command.args([name, "--exact", "--nocapture", "--test-threads=1"]);
    command
        .env(BODY, name)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let descriptor = slave.as_raw_fd();
    // SAFETY: system calls alone between fork and exec.
    unsafe {
        command.pre_exec(move || {
            // Whoever runs the tests may have some ignored or held back: a script's shell
            // in the background SIGINT, nohup SIGHUP.
            for signal in 1..32 {
                libc::signal(signal, libc::SIG_DFL); // but SIGKILL and SIGSTOP
            }
            let mut none = std::mem::zeroed();
            libc::sigemptyset(&mut none);
            libc::pthread_sigmask(libc::SIG_SETMASK, &none, std::ptr::null_mut());
            libc::setsid();
            match libc::ioctl(descriptor, libc::TIOCSCTTY, 0) {
                0 => Ok(()),
                _ => Err(std::io::Error::last_os_error()),
            }
        });
    }
    let mut leader = command.spawn().expect("the test binary runs");
    drop(starting);
    Some(Terminal {
        master,
        orders: leader.stdin.take().expect("a pipe"),
        reports: BufReader::new(leader.stdout.take().expect("a pipe")),
        leader,
    })
}

impl Terminal {
    pub(crate) fn type_in(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).expect("a terminal");
    }

    /// Waits until the terminal shows what is typed, or doesn't.
    pub(crate) fn wait_for_echo(&self, is_on: bool) {
        let start = Instant::now();
        while echo(self.master.as_raw_fd()) != is_on {
            assert!(start.elapsed() < PATIENCE, "the echo is not {is_on}");
            sleep(Duration::from_millis(5));
        }
    }

    /// What became of the body: `stopped`, `exited 0`, `ended by 15`.
    pub(crate) fn report(&mut self) -> String {
        loop {
            let mut line = String::new();
            let read = self.reports.read_line(&mut line).expect("a pipe");
            assert!(read > 0, "the leader is gone");
            if let Some((_, report)) = line.split_once(REPORT) {
                return report.trim_end().to_owned();
            }
        }
    }

    /// Tells the leader `fg`, `bg` or the number of a signal.
    pub(crate) fn order(&mut self, order: &str) {
        writeln!(self.orders, "{order}").expect("a leader");
    }

    /// All that the terminal has shown, after the body's end.
    pub(crate) fn shown(mut self) -> String {
        self.leader.wait().expect("our child");
        let mut shown = Vec::new();
        // EIO at the end: the other end is closed.
        let _ = self.master.read_to_end(&mut shown);
        String::from_utf8_lossy(&shown).into_owned()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Only a failed test's is still there; its job goes with the terminal (SIGHUP).
        let _ = self.leader.kill();
        self.leader.wait().expect("our child");
    }
}

/// Whether the terminal shows what is typed.
pub(crate) fn echo(descriptor: RawFd) -> bool {
    let mut attributes = std::mem::MaybeUninit::uninit();
    // SAFETY: room for the attributes, which are read if the call succeeds.
    unsafe {
        assert_eq!(libc::tcgetattr(descriptor, attributes.as_mut_ptr()), 0);
        attributes.assume_init().c_lflag & libc::ECHO != 0
    }
}

fn pseudoterminal() -> (File, OwnedFd) {
    let (mut master, mut slave) = (-1, -1);
    let none = std::ptr::null_mut();
    // SAFETY: room for two descriptors, which are ours then; no optional arguments.
    unsafe {
        assert_eq!(
            libc::openpty(&mut master, &mut slave, none, none.cast(), none.cast()),
            0
        );
        for descriptor in [master, slave] {
            assert_eq!(libc::fcntl(descriptor, libc::F_SETFD, libc::FD_CLOEXEC), 0);
        }
        (File::from_raw_fd(master), OwnedFd::from_raw_fd(slave))
    }
}

const REPORT: &str = "@report ";

/// A shell with one job.
fn lead(body: impl FnOnce()) {
    let terminal = File::open("/dev/tty").expect("the leader has a terminal");
    let terminal = terminal.as_raw_fd();
    // SAFETY: this process is for this test alone; the child leaves by exit.
    let job = unsafe {
        libc::signal(libc::SIGTTOU, libc::SIG_IGN);
        match libc::fork() {
            0 => {
                libc::setpgid(0, 0);
                // Ignored still, so it may. Both do it: either may come first.
                libc::tcsetpgrp(terminal, libc::getpgrp());
                libc::signal(libc::SIGTTOU, libc::SIG_DFL);
                let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body));
                libc::_exit(if ended.is_ok() { 0 } else { 101 })
            }
            job => job,
        }
    };
    assert!(job > 0, "fork failed");
    // SAFETY: plain calls on our own child and terminal.
    unsafe {
        libc::setpgid(job, job);
        libc::tcsetpgrp(terminal, job);
    }
    std::thread::spawn(move || obey(job, terminal));
    report(job, terminal);
}

fn obey(job: i32, terminal: RawFd) {
    for order in std::io::stdin().lines() {
        // SAFETY: plain calls on our own child and terminal.
        unsafe {
            match order.expect("a pipe").as_str() {
                "fg" => {
                    libc::tcsetpgrp(terminal, job);
                    libc::kill(-job, libc::SIGCONT);
                }
                "bg" => _ = libc::kill(-job, libc::SIGCONT),
                signal => _ = libc::kill(job, signal.parse().expect("a number")),
            }
        }
    }
}

fn report(job: i32, terminal: RawFd) {
    loop {
        let mut status = 0;
        // SAFETY: our child, and a live integer.
        let changed = unsafe { libc::waitpid(job, &mut status, libc::WUNTRACED) };
        assert_eq!(changed, job);
        // SAFETY: the terminal is ours to hand out.
        unsafe { libc::tcsetpgrp(terminal, libc::getpgrp()) };
        if libc::WIFSTOPPED(status) {
            println!("{REPORT}stopped");
        } else if libc::WIFEXITED(status) {
            return println!("{REPORT}exited {}", libc::WEXITSTATUS(status));
        } else {
            return println!("{REPORT}ended by {}", libc::WTERMSIG(status));
        }
    }
}
