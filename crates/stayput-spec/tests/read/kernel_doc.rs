//! The kernel-doc notation: every field arrives, in each form it was posted in.

use crate::{exprs, only};
use stayput_spec::language::{Counted, Expr, Symbol};
use stayput_spec::read::{FindingKind, Notation};

const FLAT: &str = include_str!("../inputs/flat.c");
const SHORT_NAMES: &str = include_str!("../inputs/short-names.c");

#[test]
fn flat_kernel_doc_arrives() {
    let (spec, findings) = only(FLAT, Notation::KernelDoc);
    assert_eq!(
        (&*spec.name, &*spec.description),
        ("sys_flat", "Flatten something")
    );
    assert_eq!(
        spec.long_description.as_deref(),
        Some(
            "Flattens the range, which takes two lines to say. It is\n- flattened once\n- never \
             lifted again."
        )
    );
    assert_eq!(spec.context.len(), 2);
    let [start, len] = &spec.parameters[..] else {
        panic!()
    };
    assert_eq!(
        (&*start.type_name, &*start.description),
        ("unsigned long", "Where the range starts")
    );
    assert_eq!(
        start.constraint.as_deref(),
        Some("Any, within reason and: no further"),
        "it goes on where it belongs"
    );
    assert_eq!(spec.declared.of(Counted::Errors), Some(2));
    assert_eq!(start.flags.len(), 1);
    assert_eq!(len.range, Some((Expr::new("0"), Expr::new("LONG_MAX"))));
    let returns = spec.returns.expect("a return value");
    assert_eq!(&*returns.type_name, "long");
    assert_eq!(returns.success_value, Some(Expr::new("0")));
    let [enomem, eintr] = &spec.errors[..] else {
        panic!()
    };
    assert_eq!(
        (enomem.number.value(), &*enomem.condition),
        (Some(-12), "No range")
    );
    assert_eq!(&*enomem.description, "There is none, at all, anywhere.");
    assert_eq!(
        (&*eintr.condition, &*eintr.description),
        ("Interrupted", "By a signal.")
    );
    let [lock] = &spec.locks[..] else { panic!() };
    assert!(lock.acquired && lock.released && lock.descriptions.len() == 1);
    let [signal] = &spec.signals[..] else {
        panic!()
    };
    assert_eq!(
        signal.description.as_deref(),
        Some("Interrupts: at two points, and no others.")
    );
    assert_eq!(signal.error, Some(Expr::new("-EINTR")));
    assert_eq!(signal.priority, Some(Expr::new("0")));
    assert!(signal.interruptible && !signal.restartable && signal.state_required.len() == 1);
    assert_eq!(
        spec.examples.as_deref(),
        Some("flat(a, 1);  // one\nflat(a, 2);  // two")
    );
    assert_eq!(
        spec.notes.as_deref(),
        Some("The first paragraph goes on.\n\nThe second paragraph.")
    );
    let [effect] = &spec.side_effects[..] else {
        panic!()
    };
    assert_eq!(
        (&*effect.target, &*effect.description),
        ("memory", "Flattens, and keeps flat")
    );
    assert_eq!(
        (effect.condition.as_deref(), effect.reversible),
        (Some("Not flat yet"), true)
    );
    assert_eq!(&*spec.transitions[0].description, "Is flattened, all of it");
    let [capability] = &spec.capabilities[..] else {
        panic!()
    };
    assert_eq!(
        (&*capability.name, &*capability.allows),
        ("The capability", "Everything")
    );
    let [constraint] = &spec.constraints[..] else {
        panic!()
    };
    assert_eq!(&*constraint.description, "What goes up, must come down");
    assert_eq!(constraint.expression.as_deref(), Some("up <= down"));
    let [context] = &findings[..] else {
        panic!("{findings:?}")
    };
    assert_eq!(
        (&*context.name, &context.kind),
        ("Context", &FindingKind::Unknown)
    );
    assert_eq!(
        spec.unknown[0].arguments.as_deref(),
        Some("Process context. May sleep.")
    );
}

#[test]
fn short_names_arrive() {
    let (spec, findings) = only(SHORT_NAMES, Notation::KernelDoc);
    assert_eq!(&*spec.name, "shorten");
    assert_eq!(
        spec.context.iter().map(Symbol::short).collect::<Vec<_>>(),
        ["process", "sleepable"]
    );
    let [path, flags] = &spec.parameters[..] else {
        panic!()
    };
    assert_eq!(&*path.type_name, "const char __user *");
    assert_eq!(path.value_type.as_ref().map(Symbol::short), Some("path"));
    assert_eq!(path.constraint.as_deref(), Some("Not longer than it is."));
    assert_eq!(
        flags.flags.iter().map(Symbol::short).collect::<Vec<_>>(),
        ["in", "optional"]
    );
    assert_eq!(flags.valid_mask.as_ref().and_then(Expr::value), Some(3));
    let returns = spec.returns.expect("a return value");
    assert_eq!(
        (&*returns.type_name, &*returns.description),
        ("int", "A descriptor note: deeper lines go on")
    );
    assert_eq!(&*spec.errors[0].condition, "No room, not even here");
    let signal = &spec.signals[0];
    assert_eq!(
        (signal.number.value(), signal.action.short()),
        (Some(2), "restart")
    );
    assert_eq!(
        exprs([&signal.error, &signal.sa_flags_required]),
        ["-EINTR", "SA_RESTART"]
    );
    assert_eq!(spec.locks[0].descriptions.join("|"), "One|Two");
    assert_eq!(spec.side_effects[0].effect.len(), 2);
    assert_eq!(&*spec.transitions[0].from, "empty, nearly");
    assert_eq!(spec.capabilities[0].action.short(), "override_restriction");
    assert_eq!(
        spec.constraints[0].expression.as_deref(),
        Some("depth < 40")
    );
    let [mood] = &findings[..] else {
        panic!("{findings:?}")
    };
    assert_eq!(
        (&*mood.name, &*mood.within),
        ("mood", "shorten signal SIGINT")
    );
    assert_eq!(spec.unknown[0].arguments.as_deref(), Some("grim"));
}
