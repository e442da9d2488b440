//! A value whose content lies on the ordinary heap can't be kept by locking its handle.

use stayput::Secret;

fn main() {
    let _ = Secret::<String>::try_init_with(|place| place.push_str("marker"));
}
