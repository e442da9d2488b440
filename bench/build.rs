//! Finds the C libraries that are compared, and says which version was found.

use std::env;

/// Feature, and the name that pkg-config knows.
const LIBRARIES: [(&str, &str); 4] = [
    ("libsodium", "libsodium"),
    ("openssl", "libcrypto"),
    ("libgcrypt", "libgcrypt"),
    ("botan", "botan-2"),
];

fn main() {
    println!("cargo::rerun-if-changed=shim/botan.cpp");
    println!("cargo::rerun-if-changed=Cargo.lock");
    for (feature, package) in LIBRARIES {
        let variable = feature.to_uppercase();
        let version = if env::var_os(format!("CARGO_FEATURE_{variable}")).is_some() {
            let library = pkg_config::probe_library(package)
                .unwrap_or_else(|error| panic!("feature {feature}: {error}"));
            #[cfg(feature = "botan")]
            if feature == "botan" {
                cc::Build::new()
                    .cpp(true)
                    .std("c++17")
                    .includes(&library.include_paths)
                    .file("shim/botan.cpp")
                    .compile("botan_shim");
                println!("cargo::rustc-link-lib=botan-2"); // after the shim that needs it
            }
            library.version
        } else {
            String::new()
        };
        println!("cargo::rustc-env=VERSION_{variable}={version}");
    }
}
