//! The macro notation: every field arrives.

use crate::{exprs, only};
use stayput_spec::language::{Expr, LockScope, Symbol};
use stayput_spec::read::{FindingKind, Notation};

const EVERY_MACRO: &str = include_str!("../inputs/every-macro.patch");

#[test]
fn every_macro_arrives_from_a_patch_in_a_mail() {
    let (spec, _) = only(EVERY_MACRO, Notation::Macros);
    assert_eq!(
        (&*spec.name, &*spec.description),
        ("sys_demo", "Demonstrates")
    );
    assert_eq!(
        spec.long_description.as_deref(),
        Some("Has \"every\" macro, in pieces\tand\\with escapes.")
    );
    assert_eq!(
        spec.context.iter().map(Symbol::short).collect::<Vec<_>>(),
        ["process", "softirq", "atomic"]
    );
    assert_eq!(spec.since.as_deref(), Some("9.9"));
    assert_eq!(
        spec.examples.as_deref(),
        Some("demo(buffer, 1, 0);  // one\ndemo(buffer, 2, 1);  // two")
    );
    assert_eq!(spec.notes.as_deref(), Some("A note. Another."));
    assert_eq!(spec.count_mismatches(), []);
}

#[test]
fn every_field_of_parameters_and_return_arrives() {
    let (spec, _) = only(EVERY_MACRO, Notation::Macros);
    let [buffer, size, mode] = &spec.parameters[..] else {
        panic!()
    };
    assert_eq!(
        (&*buffer.type_name, &*buffer.description),
        ("void __user *", "Where to")
    );
    assert_eq!(
        buffer.flags.iter().map(Symbol::short).collect::<Vec<_>>(),
        ["out", "user"]
    );
    assert_eq!(
        buffer.value_type.as_ref().map(Symbol::short),
        Some("user_ptr")
    );
    assert_eq!(
        exprs([&buffer.size, &buffer.alignment, &buffer.size_param]),
        ["PAGE_SIZE*2", "8", "1"]
    );
    assert_eq!(buffer.constraint.as_deref(), Some("Aligned"));
    assert_eq!(size.range, Some((Expr::new("1"), Expr::new("ULONG_MAX"))));
    assert_eq!(
        mode.value_type.as_ref().map(Symbol::short),
        Some("int"),
        "a plain initialiser"
    );
    assert_eq!(
        mode.constraint.as_deref(),
        Some("One of two"),
        "a plain initialiser"
    );
    assert_eq!(mode.valid_mask.as_ref().and_then(Expr::value), Some(3));
    assert_eq!(exprs([&mode.enum_values]), ["demo_modes"]);

    let returns = spec.returns.expect("a return value");
    assert_eq!(
        (&*returns.type_name, &*returns.description),
        ("long", "0, or less")
    );
    assert_eq!(
        returns.check_type.as_ref().map(Symbol::short),
        Some("range")
    );
    assert_eq!(
        returns.success_range,
        Some((Expr::new("0"), Expr::new("LONG_MAX")))
    );
    assert_eq!(
        exprs([
            &returns.success_value,
            &returns.error_values,
            &returns.error_count
        ]),
        ["0", "demo_errors", "2"]
    );

    let descriptions: Vec<_> = spec
        .errors
        .iter()
        .map(|error| &*error.description)
        .collect();
    assert_eq!(
        descriptions,
        ["The mode, (really), is bad.", "There is none."]
    );
}

#[test]
fn every_field_of_signals_arrives() {
    let (spec, _) = only(EVERY_MACRO, Notation::Macros);
    let [signal] = &spec.signals[..] else {
        panic!()
    };
    assert_eq!(signal.number.value(), Some(2));
    assert_eq!(signal.direction.len(), 2);
    assert_eq!(signal.action.short(), "transform");
    assert_eq!(signal.target.as_deref(), Some("The caller"));
    assert_eq!(signal.condition.as_deref(), Some("While waiting"));
    assert_eq!(signal.description.as_deref(), Some("Becomes another"));
    assert!(signal.restartable && signal.interruptible);
    let all = [
        &signal.sa_flags_required,
        &signal.sa_flags_forbidden,
        &signal.error,
        &signal.transform,
        &signal.priority,
    ];
    assert_eq!(
        exprs(all),
        ["SA_RESTART", "SA_NODEFER", "-EINTR", "SIGTERM", "3"]
    );
    assert_eq!(
        signal.timing.as_ref().map(Symbol::short),
        Some("while_sleeping")
    );
    assert_eq!(signal.queue.as_deref(), Some("KAPI_SIGNAL_QUEUE_STANDARD"));
    assert_eq!(
        (signal.state_required.len(), signal.state_forbidden.len()),
        (1, 2)
    );
    let [mask] = &spec.signal_masks[..] else {
        panic!()
    };
    assert_eq!(
        (&*mask.name, &*mask.description),
        ("waiting", "Blocked while waiting")
    );
    assert_eq!(
        mask.signals.iter().map(Expr::as_str).collect::<Vec<_>>(),
        ["SIGINT", "SIGTERM", "SIGALRM"]
    );
}

#[test]
fn every_field_of_what_the_call_does_arrives() {
    let (spec, _) = only(EVERY_MACRO, Notation::Macros);
    let [effect] = &spec.side_effects[..] else {
        panic!()
    };
    assert_eq!((effect.effect.len(), effect.reversible), (2, true));
    assert_eq!(
        (&*effect.target, &*effect.description),
        ("the caller", "Is demonstrated to")
    );
    assert_eq!(effect.condition.as_deref(), Some("If it looks"));
    let [transition] = &spec.transitions[..] else {
        panic!()
    };
    assert_eq!(
        (&*transition.object, &*transition.from, &*transition.to),
        ("caller", "ignorant", "enlightened")
    );
    assert_eq!(transition.condition.as_deref(), Some("If it listens"));
    let [demo, outer] = &spec.locks[..] else {
        panic!()
    };
    assert_eq!(
        demo.descriptions.join("|"),
        "The first description|The second description"
    );
    assert_eq!(demo.effective_scope(), LockScope::Internal);
    assert!(outer.held_on_entry && outer.held_on_exit && !outer.acquired);
    assert_eq!(outer.scope, Some(LockScope::CallerHeld));
    let [capability] = &spec.capabilities[..] else {
        panic!()
    };
    assert_eq!(capability.action.short(), "increase_limit");
    assert_eq!(
        (&*capability.allows, &*capability.without),
        ("More", "Less")
    );
    assert_eq!(capability.condition.as_deref(), Some("Always"));
    assert_eq!(capability.priority, Some(Expr::new("1")));
    assert_eq!(
        capability.alternatives,
        Some((Expr::new("demo_caps"), Expr::new("2")))
    );
    let [constraint] = &spec.constraints[..] else {
        panic!()
    };
    assert_eq!(
        (&*constraint.name, &*constraint.description),
        ("Order", "First things first")
    );
    assert_eq!(constraint.expression.as_deref(), Some("first < second"));
}

#[test]
fn what_is_unknown_is_kept_and_reported_by_line() {
    let (spec, findings) = only(EVERY_MACRO, Notation::Macros);
    let unknown: Vec<_> = spec
        .unknown
        .iter()
        .map(|unknown| (&*unknown.name, unknown.arguments.as_deref()))
        .collect();
    assert_eq!(
        unknown,
        [
            ("KAPI_DEMO_UNKNOWN", Some("\"kept\", 1 + 2")),
            ("KAPI_NET_REENTRANT", None),
            (".version", Some("2")),
        ]
    );
    assert_eq!(findings.len(), 3);
    for (finding, unknown) in findings.iter().zip(spec.unknown.iter()) {
        assert_eq!(finding.kind, FindingKind::Unknown);
        assert_eq!(
            (&*finding.name, finding.line),
            (&*unknown.name, unknown.line)
        );
        let line = EVERY_MACRO.lines().nth(finding.line as usize - 1);
        assert!(
            line.is_some_and(|line| line.contains(&finding.name)),
            "{finding}"
        );
    }
    assert_eq!(
        findings[0].to_string(),
        format!(
            "line {}: KAPI_DEMO_UNKNOWN in sys_demo: not known, kept as it is",
            spec.unknown[0].line
        )
    );
}

#[test]
fn plain_c_reads_like_the_patch() {
    let plain: String = EVERY_MACRO
        .lines()
        .skip_while(|line| !line.starts_with("+DEFINE"))
        .map_while(|line| line.strip_prefix('+'))
        .map(|line| format!("{line}\n"))
        .collect();
    let (from_patch, _) = only(EVERY_MACRO, Notation::Macros);
    let (mut from_plain, _) = only(&plain, Notation::Macros);
    let lines = from_patch.unknown.iter().map(|unknown| unknown.line);
    for (unknown, line) in from_plain.unknown.to_mut().iter_mut().zip(lines) {
        unknown.line = line;
    }
    assert_eq!(from_plain, from_patch);
}
