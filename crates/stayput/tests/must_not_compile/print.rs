//! Nothing prints a secret by mistake.

use stayput::SecretString;

fn main() {
    let text = SecretString::try_new().expect("within limits");
    println!("{text}");
    let _: String = text.into();
}
