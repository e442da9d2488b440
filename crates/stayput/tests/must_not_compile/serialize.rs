//! Serialization is asked for by name, field by field.

use serde::Serialize;
use stayput::SecretString;

#[derive(Serialize)]
struct Account {
    password: SecretString,
}

fn main() {
    let password = SecretString::try_new().expect("within limits");
    let _ = serde_json::to_string(&Account { password });
}
