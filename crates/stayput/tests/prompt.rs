//! Prompts: what is typed arrives unseen, and the echo is on again whatever happens.
//!
//! Not on Windows: terminals are asked on the Unixes only.
#![cfg(unix)]

#[path = "support/terminal.rs"]
mod terminal;

use stayput::SecretString;
use stayput_sys::terminal::QuietTerminal;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;
use std::time::Duration;
use terminal::{Terminal, echo, on_terminal};

fn prompt() -> io::Result<SecretString> {
    SecretString::try_prompt("Password: ")
}

/// What a body does while a prompt of it waits, with the echo off.
fn meanwhile(act: impl FnOnce() + Send + 'static) {
    thread::spawn(|| {
        let terminal = File::open("/dev/tty").expect("a terminal");
        while echo(terminal.as_raw_fd()) {
            thread::sleep(Duration::from_millis(2));
        }
        act();
    });
}

/// The other end, once the prompt waits there.
fn prompted(name: &str, body: impl FnOnce()) -> Option<Terminal> {
    let terminal = on_terminal(name, body)?;
    terminal.wait_for_echo(false);
    Some(terminal)
}

#[test]
fn what_is_typed_arrives_unseen() {
    let body = || assert_eq!(prompt().expect("a line").expose(), "hunter2 ä");
    let Some(mut terminal) = prompted("what_is_typed_arrives_unseen", body) else {
        return;
    };
    terminal.type_in("hunter2 ä\n");
    assert_eq!(terminal.report(), "exited 0");
    terminal.wait_for_echo(true);
    assert_eq!(terminal.shown(), "Password: \r\n");
}

#[test]
fn two_prompts_one_after_the_other() {
    let name = "two_prompts_one_after_the_other";
    let body = || {
        for expected in ["first", "second"] {
            assert_eq!(prompt().expect("a line").expose(), expected);
        }
    };
    let Some(mut terminal) = prompted(name, body) else {
        return;
    };
    terminal.type_in("first\n");
    terminal.wait_for_echo(false);
    // Typed too early, a terminal forgets it: wait for the second prompt.
    let mut seen = Vec::new();
    while String::from_utf8_lossy(&seen).matches("Password").count() < 2 {
        let mut byte = [0];
        io::Read::read_exact(&mut terminal.master, &mut byte).expect("a terminal");
        seen.extend(byte);
    }
    terminal.type_in("second\n");
    assert_eq!(terminal.report(), "exited 0");
    terminal.wait_for_echo(true);
}

#[test]
fn signals_that_end_the_process_find_the_echo_on() {
    let name = "signals_that_end_the_process_find_the_echo_on";
    for signal in [
        libc::SIGTERM,
        libc::SIGHUP,
        libc::SIGUSR1,
        libc::SIGALRM,
        libc::SIGABRT,
    ] {
        let Some(mut terminal) = prompted(name, || drop(prompt())) else {
            return;
        };
        terminal.order(&signal.to_string());
        assert_eq!(terminal.report(), format!("ended by {signal}"));
        terminal.wait_for_echo(true);
    }
}

#[test]
fn keys_that_end_the_process_find_the_echo_on() {
    let name = "keys_that_end_the_process_find_the_echo_on";
    for (key, signal) in [("\x03", libc::SIGINT), ("\x1c", libc::SIGQUIT)] {
        let Some(mut terminal) = prompted(name, || drop(prompt())) else {
            return;
        };
        terminal.type_in("half a pass");
        terminal.type_in(key);
        assert_eq!(terminal.report(), format!("ended by {signal}"));
        terminal.wait_for_echo(true);
        assert!(!terminal.shown().contains("half"));
    }
}

#[test]
fn an_exit_in_another_thread() {
    let body = || {
        meanwhile(|| std::process::exit(7));
        drop(prompt());
    };
    let Some(mut terminal) = on_terminal("an_exit_in_another_thread", body) else {
        return;
    };
    assert_eq!(terminal.report(), "exited 7");
    terminal.wait_for_echo(true);
}

#[test]
fn an_abort_in_another_thread() {
    let body = || {
        meanwhile(|| std::process::abort());
        drop(prompt());
    };
    let Some(mut terminal) = on_terminal("an_abort_in_another_thread", body) else {
        return;
    };
    assert_eq!(terminal.report(), format!("ended by {}", libc::SIGABRT));
    terminal.wait_for_echo(true);
}

#[test]
fn a_fault_in_another_thread() {
    let body = || {
        // SAFETY: none: the fault is what is tested.
        meanwhile(|| unsafe { std::ptr::without_provenance_mut::<u8>(8).write_volatile(1) });
        drop(prompt());
    };
    let Some(mut terminal) = on_terminal("a_fault_in_another_thread", body) else {
        return;
    };
    assert_eq!(terminal.report(), format!("ended by {}", libc::SIGSEGV));
    terminal.wait_for_echo(true);
}

#[test]
fn a_stop_turns_the_echo_on_and_going_on_turns_it_off() {
    let name = "a_stop_turns_the_echo_on_and_going_on_turns_it_off";
    let body = || assert_eq!(prompt().expect("a line").expose(), "later");
    let Some(mut terminal) = prompted(name, body) else {
        return;
    };
    for _ in 0..2 {
        terminal.type_in("\x1a");
        assert_eq!(terminal.report(), "stopped");
        terminal.wait_for_echo(true);
        terminal.order("fg");
        terminal.wait_for_echo(false);
    }
    terminal.type_in("later\n");
    assert_eq!(terminal.report(), "exited 0");
    terminal.wait_for_echo(true);
    assert!(!terminal.shown().contains("later"));
}

#[test]
fn in_the_background_it_leaves_the_terminal_alone() {
    let name = "in_the_background_it_leaves_the_terminal_alone";
    let body = || assert_eq!(prompt().expect("a line").expose(), "back");
    let Some(mut terminal) = prompted(name, body) else {
        return;
    };
    terminal.type_in("\x1a");
    assert_eq!(terminal.report(), "stopped");
    terminal.order("bg");
    assert_eq!(terminal.report(), "stopped", "it reads, which stops it");
    assert!(echo(terminal.master.as_raw_fd()), "the shell's echo");
    terminal.order("fg");
    terminal.wait_for_echo(false);
    terminal.type_in("back\n");
    assert_eq!(terminal.report(), "exited 0");
    terminal.wait_for_echo(true);
}

#[test]
fn signals_are_given_back_and_those_of_others_left_alone() {
    static SEEN: AtomicU32 = AtomicU32::new(0);
    extern "C" fn count(_: libc::c_int) {
        SEEN.fetch_add(1, Relaxed);
    }
    let name = "signals_are_given_back_and_those_of_others_left_alone";
    let body = || {
        let handler: extern "C" fn(libc::c_int) = count;
        // SAFETY: a handler that counts.
        let ours = unsafe { libc::signal(libc::SIGUSR1, handler as usize) };
        assert_eq!(ours, libc::SIG_DFL);
        meanwhile(|| {
            // SAFETY: a plain call.
            unsafe { assert_eq!(libc::kill(libc::getpid(), libc::SIGUSR1), 0) };
            // Another thread may be the one that sees it, a little later.
            while SEEN.load(Relaxed) == 0 {
                thread::sleep(Duration::from_millis(2));
            }
            println!("@report seen");
        });
        assert_eq!(prompt().expect("a line").expose(), "still here");
        assert_eq!(SEEN.load(Relaxed), 1);
        for (signal, expected) in [
            (libc::SIGINT, libc::SIG_DFL),
            (libc::SIGTSTP, libc::SIG_DFL),
            (libc::SIGUSR1, handler as usize),
        ] {
            // SAFETY: asks by setting what was there.
            assert_eq!(unsafe { libc::signal(signal, libc::SIG_DFL) }, expected);
        }
    };
    let Some(mut terminal) = prompted(name, body) else {
        return;
    };
    assert_eq!(terminal.report(), "seen");
    terminal.type_in("still here\n");
    assert_eq!(terminal.report(), "exited 0");
}

#[test]
fn one_prompt_at_a_time() {
    let body = || {
        meanwhile(|| {
            let refused = prompt().expect_err("busy");
            println!("@report {:?}", refused.kind());
        });
        assert_eq!(prompt().expect("a line").expose(), "one");
    };
    let Some(mut terminal) = prompted("one_prompt_at_a_time", body) else {
        return;
    };
    assert_eq!(terminal.report(), format!("{:?}", ErrorKind::ResourceBusy));
    terminal.type_in("one\n");
    assert_eq!(terminal.report(), "exited 0");
    terminal.wait_for_echo(true);
}

#[test]
fn a_fork_childs_end_leaves_the_prompt_alone() {
    let name = "a_fork_childs_end_leaves_the_prompt_alone";
    let body = || {
        meanwhile(|| {
            // SAFETY: the child runs what exit runs, and nothing else.
            unsafe {
                match libc::fork() {
                    0 => libc::exit(0),
                    child => assert_eq!(libc::waitpid(child, &mut 0, 0), child),
                }
            }
            let terminal = File::open("/dev/tty").expect("a terminal");
            assert!(!echo(terminal.as_raw_fd()), "the child turned the echo on");
            println!("@report child gone");
        });
        assert_eq!(prompt().expect("a line").expose(), "mine");
    };
    let Some(mut terminal) = prompted(name, body) else {
        return;
    };
    assert_eq!(terminal.report(), "child gone");
    terminal.type_in("mine\n");
    assert_eq!(terminal.report(), "exited 0");
}

#[test]
fn the_end_of_input_is_an_error_and_an_empty_line_is_none() {
    let name = "the_end_of_input_is_an_error_and_an_empty_line_is_none";
    for (keys, is_line) in [("\x04", false), ("\n", true)] {
        let body = || match prompt() {
            Ok(line) => assert!(line.is_empty() && std::env::args().len() > 0),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
                std::process::exit(3);
            }
        };
        let Some(mut terminal) = prompted(name, body) else {
            return;
        };
        terminal.type_in(keys);
        let expected = if is_line { "exited 0" } else { "exited 3" };
        assert_eq!(terminal.report(), expected);
        terminal.wait_for_echo(true);
    }
}

#[test]
fn without_a_terminal_it_is_an_error() {
    let body = || {
        // SAFETY: leaves the session with its terminal; the group's leader may not, so a
        // child does, and ends by exit.
        let child = unsafe { libc::fork() };
        if child == 0 {
            // SAFETY: as above.
            unsafe { libc::setsid() };
            let error = prompt().expect_err("no terminal");
            // SAFETY: ends the child.
            unsafe { libc::_exit(i32::from(error.raw_os_error() != Some(libc::ENXIO))) };
        }
        let mut status = 1;
        // SAFETY: our child, and a live integer.
        assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
        assert_eq!(status, 0);
    };
    let Some(mut terminal) = on_terminal("without_a_terminal_it_is_an_error", body) else {
        return;
    };
    assert_eq!(terminal.report(), "exited 0");
}

#[test]
fn a_fork_child_that_drops_a_prompt_leaves_the_terminal_alone() {
    let name = "a_fork_child_that_drops_a_prompt_leaves_the_terminal_alone";
    let body = || {
        let quiet = QuietTerminal::open().expect("a terminal");
        // SAFETY: the child drops what it inherited, and ends.
        match unsafe { libc::fork() } {
            0 => {
                drop(quiet);
                // SAFETY: ends the child.
                unsafe { libc::_exit(0) }
            }
            // SAFETY: our child.
            child => assert_eq!(unsafe { libc::waitpid(child, &mut 0, 0) }, child),
        }
        let terminal = File::open("/dev/tty").expect("a terminal");
        assert!(!echo(terminal.as_raw_fd()), "the child turned the echo on");
        drop(quiet);
        assert!(echo(terminal.as_raw_fd()), "the parent does");
    };
    let Some(mut terminal) = on_terminal(name, body) else {
        return;
    };
    assert_eq!(terminal.report(), "exited 0");
}

#[test]
fn a_fork_child_may_prompt_while_its_parent_does() {
    let name = "a_fork_child_may_prompt_while_its_parent_does";
    let body = || {
        let _quiet = QuietTerminal::open().expect("a terminal");
        // SAFETY: the child prompts for itself, and ends.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let _own = QuietTerminal::open().expect("its own");
            // SAFETY: plain calls; the first one ends the child.
            unsafe {
                libc::raise(libc::SIGUSR1);
                libc::_exit(0)
            }
        }
        let mut status = 0;
        // SAFETY: our child, and a live integer.
        assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
        assert!(libc::WIFSIGNALED(status), "{status}");
        assert_eq!(libc::WTERMSIG(status), libc::SIGUSR1);
    };
    let Some(mut terminal) = on_terminal(name, body) else {
        return;
    };
    assert_eq!(terminal.report(), "exited 0");
    terminal.wait_for_echo(true);
}
