//! Configurations that load, and what is said about those that do not.

use std::path::Path;

use super::*;

fn no_env(_: &str) -> Option<String> {
    None
}

fn read(text: &str, env: &dyn Fn(&str) -> Option<String>) -> Loaded {
    from_text("siaga.toml".to_owned(), text.to_owned(), Path::new("/tidak-ada"), env)
}

#[test]
fn the_example_loads() {
    let loaded = load(Path::new("fixtures/siaga.example.toml"), &no_env);
    assert_eq!(loaded.diagnostics.len(), 1, "{}", loaded.render(false));
    assert!(loaded.diagnostics[0].message.render(Language::English).contains("agencies that have no address"));
    let (config, pack) = loaded.config.unwrap();
    assert_eq!((config.listen.port(), pack.name.as_str()), (8460, "pilkada-2024"));
    assert_eq!(config.store, Path::new("fixtures/siaga.db"));
    assert_eq!(config.agencies["kanim-muaraenim"].email, ["piket@kanim.contoh.example"]);
}

#[test]
fn nothing_at_all_is_a_configuration() {
    let (config, _) = read("", &no_env).config.unwrap();
    assert_eq!(config.public_url, "http://127.0.0.1:8460");
    assert!(config.email.is_none() && config.agencies.is_empty());
}

#[test]
fn everything_wrong_is_said_at_once() {
    let text = r#"
listen = "localhost"
public_url = "siaga.contoh.example"
coordinator = "kanim-muaraenin"

[email]
host = "surel.contoh.example"
tls = "none"
from = "siaga@contoh.example"

[endpoint.posko]
url = "http://posko.contoh.example/rahasia-di-url"
secret = "whsec_bukan-kunci-tetapi-rahasia"

[endpoint.pos-dua]
url = "https://pos-dua.contoh.example"

[endpoint.pos-tiga]
url = "https://pos-tiga.contoh.example"
secret_file = "tidak/ada"

[agency.kesbangpol-ok]
email = ["bukan alamat"]
webhook = ["posco"]

[limits]
connections = 0
header_timeout_s = 3600
"#;
    let loaded = read(text, &no_env);
    assert!(loaded.config.is_none());
    let drawn = loaded.render(false);
    assert!(!drawn.contains("whsec_") && !drawn.contains("rahasia-di-url"), "{drawn}");
    insta::assert_snapshot!(drawn);
}

#[test]
fn who_is_told_nothing_is_named() {
    let text = "coordinator = \"kesbangpol-oku\"\n[email]\nhost = \"surel.contoh.example\"\n\
                from = \"siaga@contoh.example\"\n[agency.kanim-muaraenim]\nemail = [\"piket@kanim.contoh.example\"]\n";
    let loaded = read(text, &no_env);
    insta::assert_snapshot!(loaded.render(false));
    let (config, pack) = loaded.config.unwrap();
    assert!(config.without_address(&pack).iter().all(|agency| agency.id.as_ref() != "kanim-muaraenim"));
}

#[test]
fn common_slips_get_a_help_line() {
    for (text, words) in [
        ("store = siaga.db\n", "write text between quotes"),
        ("[limits]\n[limits]\n", "stands twice"),
        ("clock = \"wall\"\nclock = \"wall\"\n", "stands twice"),
        ("link_secret_file = \"tidak/ada\"\n", "make the file"),
    ] {
        let drawn = read(text, &no_env).render(false);
        let help = drawn.split_once("help: ").map_or("", |(_, help)| help);
        assert!(help.contains(words), "{text}\n{drawn}");
    }
}

#[test]
fn a_misspelt_key_is_shown_with_what_was_meant() {
    insta::assert_snapshot!(read("listn = \"127.0.0.1:1\"\n", &no_env).render(false));
}

#[test]
fn a_value_of_a_secret_is_never_repeated() {
    for text in [
        "[email]\nhost = \"a\"\nfrom = \"a@contoh.example\"\npassword = 90817263\n",
        "[email]\nhost = \"a\"\npassword = \"90817263\n",
        "[endpoint.a]\nsecret = 90817263\n",
        "[endpoint.a]\nurl = 90817263\n",
        "endpoint = { a = { secret = \"90817263\", url = \"x\", falsch = 1 } }\n",
    ] {
        let drawn = read(text, &no_env).render(false);
        assert!(!drawn.is_empty() && !drawn.contains("90817263"), "{text}\n{drawn}");
    }
}

#[test]
fn a_written_secret_is_warned_of_and_the_environment_needs_no_file() {
    let text = "[endpoint.posko-satu]\nallow_cidrs = [\"10.0.0.0/8\"]\n";
    let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let env = |name: &str| match name {
        "SIAGA_ENDPOINT_POSKO_SATU_URL" => Some("https://posko.contoh.example".to_owned()),
        "SIAGA_ENDPOINT_POSKO_SATU_SECRET" => Some(key.to_owned()),
        "SIAGA_LISTEN" => Some("127.0.0.1:0".to_owned()),
        _ => None,
    };
    let loaded = read(text, &env);
    let drawn = loaded.render(false);
    assert!(!drawn.contains("secret") && !drawn.contains("error"), "{drawn}");
    assert_eq!(loaded.config.unwrap().0.listen.port(), 0);
    let text = format!("[endpoint.posko]\nurl = \"https://posko.contoh.example\"\nsecret = \"{key}\"\n");
    let loaded = read(&text, &no_env);
    assert!(loaded.config.is_some());
    insta::assert_snapshot!(loaded.render(false));
}

#[test]
fn folders_bring_what_the_pack_knows() {
    let good = "[folder.hotel]\npath = \"masuk\"\nsources = [\"apoa\"]\nkinds = [\"lodging.check_in\"]\n\
                profile = \"apoa-tamu\"\nset = { \"lodging.id\" = \"hotel-contoh-1\" }\nstill_s = 0\n";
    let (config, _) = read(good, &no_env).config.unwrap();
    let [folder] = &config.folders[..] else { panic!("{:?}", config.folders) };
    assert_eq!((folder.name.as_str(), folder.intake()), ("hotel", Path::new("/tidak-ada/masuk/intake").to_owned()));
    assert!(folder.allowed.sources.covers("apoa") && !folder.allowed.sources.covers("desa") && !folder.allowed.officer);
    let wrong = [
        ("\"apoa\"", "\"apoaa\"", "`apoa`"),
        ("lodging.check_in", "lodging.chek_in", "`lodging.check_in`"),
        ("apoa-tamu", "apoa-tamo", "`apoa-tamu`"),
        ("lodging.id", "lodging.idd", "`lodging.id`"),
        ("[\"apoa\"]", "[]", "sources = "),
        ("still_s = 0", "still_s = 99999", "3600"),
        ("path =", "pth =", "path"),
    ];
    for (from, to, said) in wrong {
        let loaded = read(&good.replace(from, to), &no_env);
        let drawn = loaded.render(false);
        assert!(loaded.config.is_none() && drawn.contains(said), "{to}: {drawn}");
    }
    let twice = format!("{good}[folder.lain]\npath = \"masuk\"\nsources = [\"desa\"]\n");
    assert!(read(&twice, &no_env).render(false).contains("same place"));
}
