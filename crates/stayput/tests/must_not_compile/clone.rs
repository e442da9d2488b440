//! A copy of a secret is a second place to wipe.

use stayput::{SecretBytes, SecretString};

fn main() {
    let bytes = SecretBytes::try_init_with(6, |place| place.fill(1)).expect("within limits");
    let _ = bytes.clone();
    let text = SecretString::try_new().expect("within limits");
    let _: SecretString = text.to_owned();
}
