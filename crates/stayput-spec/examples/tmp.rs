//! tmp
fn main() {
    let f = std::env::args().nth(2).unwrap_or_default();
    let a = std::env::args().nth(1).unwrap();
    let s = if let Some(s) = stayput_spec::contract::spec(&a) {
        s.clone()
    } else {
        let r = stayput_spec::read::text(&std::fs::read_to_string(&a).unwrap());
        for x in &r.findings {
            eprintln!("{x}")
        }
        r.specs[0].spec.clone()
    };
    print!(
        "{}",
        match &*f {
            "json" => stayput_spec::render::json(&s),
            "rst" => stayput_spec::render::rst(&s),
            "md" => stayput_spec::render::markdown(&s),
            "macros" => stayput_spec::render::macros(&s),
            "doc" => stayput_spec::render::kernel_doc(&s),
            _ => stayput_spec::render::plain(&s),
        }
    );
}
