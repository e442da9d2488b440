//! The published specification of `mlock2`, read from the mail page it stands in.

use crate::seed::read_seed;
use stayput_spec::language::{
    Counted, Expr, LockType, SignalAction, SignalDirection, Spec, Symbol,
};
use stayput_spec::read::{self, Notation};

fn seed(test: &str) -> Option<Spec> {
    let text = read_seed(test, "mlock2-api-specification.txt")?;
    let reading = read::text(&text);
    assert_eq!(reading.findings, [], "nothing in it is unknown or wrong");
    let [only] = &reading.specs[..] else {
        panic!("one specification")
    };
    assert_eq!(only.notation, Notation::Macros);
    Some(only.spec.clone())
}

#[test]
fn has_every_part_and_its_counts_are_true() {
    let Some(spec) = seed("has_every_part_and_its_counts_are_true") else {
        return;
    };
    let expected = [
        (Counted::Parameters, 3),
        (Counted::Errors, 5),
        (Counted::Signals, 2),
        (Counted::SideEffects, 5),
        (Counted::Transitions, 5),
        (Counted::Locks, 2),
        (Counted::Capabilities, 1),
    ];
    for (what, count) in expected {
        assert_eq!(spec.count(what), count, "{what:?}");
        assert_eq!(
            spec.declared.of(what),
            Some(u32::try_from(count).expect("few")),
            "{what:?}"
        );
    }
    assert_eq!(spec.declared.of(Counted::Constraints), None);
    assert_eq!(spec.unknown.len(), 0);
}

#[test]
fn loses_no_field() {
    let Some(spec) = seed("loses_no_field") else {
        return;
    };
    assert_eq!(spec.name, "sys_mlock2");
    assert_eq!(spec.description, "Lock pages in memory with flags");
    assert!(
        spec.long_description
            .is_some_and(|text| text.contains("that supports flags. MLOCK"))
    );
    assert_eq!(
        spec.context.iter().map(Symbol::short).collect::<Vec<_>>(),
        ["process", "sleepable"]
    );
    assert_eq!(spec.since.as_deref(), Some("4.4"));
    assert!(spec.examples.is_some_and(|text| text.lines().count() == 2));
    assert!(
        spec.notes
            .is_some_and(|text| text.ends_with("suspend/hibernate."))
    );

    let [start, len, flags] = &spec.parameters[..] else {
        panic!()
    };
    assert_eq!(
        (&*start.name, &*start.type_name),
        ("start", "unsigned long")
    );
    assert_eq!(
        start.constraint.as_deref(),
        Some("Rounded down to page boundary")
    );
    assert_eq!(len.range, Some((Expr::new("0"), Expr::new("LONG_MAX"))));
    assert_eq!(
        len.constraint_type.as_ref().map(Symbol::short),
        Some("range")
    );
    assert_eq!(flags.valid_mask.as_ref().and_then(Expr::value), Some(1));
    assert_eq!(flags.value_type.as_ref().map(Symbol::short), Some("int"));
    assert!(
        spec.parameters
            .iter()
            .all(|parameter| parameter.flags.len() == 1)
    );

    let returns = spec.returns.expect("a return value");
    assert_eq!(&*returns.type_name, "long");
    assert_eq!(
        returns.check_type.as_ref().map(Symbol::short),
        Some("error_check")
    );
    assert_eq!(returns.success_value, Some(Expr::new("0")));

    let errors: Vec<_> = spec
        .errors
        .iter()
        .map(|error| (error.number.value(), &*error.symbol))
        .collect();
    let expected = [
        (Some(-22), "EINVAL"),
        (Some(-12), "ENOMEM"),
        (Some(-1), "EPERM"),
        (Some(-11), "EAGAIN"),
        (Some(-4), "EINTR"),
    ];
    assert_eq!(errors, expected);
    assert!(
        spec.errors
            .iter()
            .all(|error| error.condition != error.description)
    );
}

#[test]
fn loses_no_field_of_what_the_call_does() {
    let Some(spec) = seed("loses_no_field_of_what_the_call_does") else {
        return;
    };
    let [fatal, sigbus] = &spec.signals[..] else {
        panic!()
    };
    assert_eq!((fatal.number.value(), fatal.restartable), (Some(0), true));
    assert_eq!(fatal.action, SignalAction::Return);
    assert_eq!(
        fatal.condition.as_deref(),
        Some("Fatal signal pending during mmap_write_lock_killable")
    );
    assert_eq!(
        (sigbus.number.value(), sigbus.restartable),
        (Some(7), false)
    );
    assert_eq!(*sigbus.direction, [SignalDirection::Send]);
    assert_eq!(sigbus.target.as_deref(), Some("Current process"));
    assert!(
        sigbus
            .description
            .as_deref()
            .is_some_and(|text| text.contains("truncated file"))
    );

    let effects: Vec<_> = spec
        .side_effects
        .iter()
        .map(|effect| {
            (
                effect.effect.len(),
                effect.reversible,
                effect.condition.is_some(),
            )
        })
        .collect();
    let expected = [
        (2, true, true),
        (1, true, true),
        (1, false, true),
        (1, true, false),
        (1, false, true),
    ];
    assert_eq!(effects, expected);

    let conditions: Vec<_> = spec
        .transitions
        .iter()
        .map(|transition| transition.condition.is_some())
        .collect();
    assert_eq!(conditions, [true, false, true, true, false]);
    assert_eq!(&*spec.transitions[2].to, "VM_LOCKONFAULT set");

    for (lock, kind) in spec
        .locks
        .iter()
        .zip([LockType::Rwlock, LockType::Spinlock])
    {
        assert_eq!(lock.kind, kind);
        assert!(lock.acquired && lock.released);
        assert_eq!(
            lock.descriptions.len(),
            2,
            "{}: both descriptions",
            lock.name
        );
    }

    let [capability] = &spec.capabilities[..] else {
        panic!()
    };
    assert_eq!(capability.capability.value(), Some(14));
    assert!(capability.allows.starts_with("Lock unlimited"));
    assert!(capability.without.starts_with("Must respect"));
    assert!(capability.condition.is_some());
    assert_eq!(capability.priority, Some(Expr::new("0")));
}
