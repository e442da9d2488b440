//! The published schemas, and what is held against them.

use jsonschema::{Registry, RegistryBuilder, Validator};
use serde_json::Value;
use std::path::Path;

const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schema");

/// Panics unless the value has the form `docs/schema/NAME.json` describes.
pub(crate) fn assert_valid(value: &Value, name: &str) {
    let errors: Vec<_> = validator(name)
        .iter_errors(value)
        .map(|it| it.to_string())
        .collect();
    assert!(errors.is_empty(), "{name}: {errors:#?}");
}

fn schema(name: &str) -> Value {
    let path = Path::new(DIRECTORY).join(format!("{name}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{path:?}: {why}"));
    serde_json::from_str(&text).unwrap_or_else(|why| panic!("{path:?}: {why}"))
}

fn validator(name: &str) -> Validator {
    // `spec-read` takes the form of one specification from here.
    let show = schema("spec-show");
    let id = show["$id"].as_str().expect("an id").to_owned();
    let registry = Registry::new()
        .add(id, show)
        .and_then(RegistryBuilder::prepare);
    let registry = registry.expect("a schema");
    let options = jsonschema::options().with_registry(&registry);
    options.build(&schema(name)).expect("a schema")
}

/// A schema that accepts anything proves nothing: each refuses an object without its fields, one
/// with a field too many, and another version.
#[test]
fn schemas_refuse_what_has_another_form() {
    let names = ["list", "show", "clauses", "read", "diff", "check"];
    for name in names.map(|name| format!("spec-{name}")) {
        let validator = validator(&name);
        let empty = serde_json::json!({});
        assert!(!validator.is_valid(&empty), "{name}");
        let required = schema(&name)["required"].as_array().expect("fields").len();
        assert!(validator.iter_errors(&empty).count() >= required, "{name}");
        let wrong = serde_json::json!({ "schema": 0, "surplus": true });
        let errors: Vec<_> = validator
            .iter_errors(&wrong)
            .map(|it| it.to_string())
            .collect();
        assert!(
            errors.iter().any(|error| error.contains("surplus")),
            "{errors:?}"
        );
        assert!(
            errors
                .iter()
                .any(|error| error.starts_with("1 was expected")),
            "{errors:?}"
        );
    }
}
