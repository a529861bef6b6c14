//! A store, an address book on loopback, and an outbox that runs through simulated time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use siaga::deliver::email::Relay;
use siaga::deliver::settings::{EmailSettings, EndpointSettings, Secret};
use siaga::deliver::webhook::Endpoint;
use siaga::notice::{Notice, Occasion};
use siaga::outbox::Outbox;
use siaga::outbox::address::{AddressBook, Addresses, address};
use siaga::store::outbox::{Channel, Delivery, DeliveryFilter, DeliveryState};
use siaga::store::{Scope, Store};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::desk::{Call, Desk};
use super::smtp::{Heard, Script, serve};

pub const KEY: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// More deliveries than any test here makes.
pub const ALL: usize = 10_000;

/// A store, and the addresses of the agencies that a test gives it.
pub struct Office {
    pub directory: TempDir,
    pub store: Store,
    pub book: AddressBook,
}

impl Office {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&directory.path().join("siaga.db"), second(0)).unwrap();
        let book = AddressBook {
            relay: None,
            endpoints: BTreeMap::new(),
            agencies: BTreeMap::new(),
            coordinator: None,
            public_url: "https://siaga.contoh.example/".to_owned(),
            link_secret: Secret::from("kunci contoh, tiga puluh dua bita"),
        };
        Office { directory, store, book }
    }

    /// Gives an agency an endpoint of the same name.
    pub fn webhook(mut self, agency: &str, desk: &Desk) -> Self {
        let toml = format!(
            "url = \"http://127.0.0.1:{}/{agency}\"\nsecret = \"{KEY}\"\n\
             allow_http = true\nallow_cidrs = [\"127.0.0.0/8\"]",
            desk.port
        );
        let settings: EndpointSettings = toml::from_str(&toml).unwrap();
        self.book.endpoints.insert(agency.to_owned(), Endpoint::new(&settings).unwrap());
        self.addresses(agency).webhook.push(agency.to_owned());
        self
    }

    /// Gives an agency a mail address behind a relay.
    pub fn email(mut self, agency: &str, relay_port: u16) -> Self {
        let toml =
            format!("host = \"127.0.0.1\"\nport = {relay_port}\ntls = \"none\"\nfrom = \"siaga@contoh.example\"");
        let settings: EmailSettings = toml::from_str(&toml).unwrap();
        self.book.relay = Some(Relay::new(&settings).unwrap());
        self.addresses(agency).email.push(format!("Piket Contoh <piket@{agency}.contoh.example>").parse().unwrap());
        self
    }

    pub fn coordinator(mut self, agency: &str) -> Self {
        self.book.coordinator = Some(agency.into());
        self
    }

    pub fn addresses(&mut self, agency: &str) -> &mut Addresses {
        let addresses = self.book.agencies.entry(agency.into()).or_default();
        addresses.name = format!("Instansi {agency}");
        addresses
    }

    pub fn open(self) -> (Opened, Outbox) {
        let book = Arc::new(self.book);
        let outbox = Outbox::new(self.store.clone(), Arc::clone(&book));
        (Opened { directory: self.directory, store: self.store, book }, outbox)
    }
}

/// What a test asks while the outbox runs.
pub struct Opened {
    pub directory: TempDir,
    pub store: Store,
    pub book: Arc<AddressBook>,
}

impl Opened {
    /// Puts in a notice to each of the agencies.
    pub async fn tell(&self, alert: &str, agencies: &[&str], at: DateTime<Utc>) {
        let notices = agencies.iter().map(|agency| notice(alert, agency)).collect();
        let addressed = address(&self.book, notices, at);
        assert!(addressed.unaddressed.is_empty());
        self.store.enqueue(addressed.deliveries).await.unwrap();
    }

    /// All deliveries, oldest first.
    pub fn deliveries(&self) -> Vec<Delivery> {
        let mut all = self.store.deliveries(&DeliveryFilter::everything(Scope::All), None, ALL).unwrap().items;
        all.reverse();
        all
    }

    pub fn to(&self, recipient: &str) -> Vec<Delivery> {
        self.deliveries().into_iter().filter(|delivery| delivery.recipient == recipient).collect()
    }

    /// Every delivery is in one named state, and the counts say the same as the list.
    pub fn assert_sums(&self) {
        let counted = self.store.counts().unwrap().deliveries;
        let mut listed: BTreeMap<(Channel, DeliveryState), u64> = BTreeMap::new();
        for delivery in self.deliveries() {
            *listed.entry((delivery.channel, delivery.state)).or_default() += 1;
        }
        assert_eq!(counted.into_iter().map(|(c, s, n)| ((c, s), n)).collect::<BTreeMap<_, _>>(), listed);
    }
}

pub fn notice(alert: &str, agency: &str) -> Notice {
    Notice { alert: alert.into(), agency: agency.into(), ..super::notices::notice(Occasion::Opened) }
}

/// So many seconds after ten past midnight WIB.
pub fn second(count: i64) -> DateTime<Utc> {
    let start: DateTime<Utc> = "2024-11-25T00:10:00+07:00".parse().unwrap();
    start + TimeDelta::seconds(count)
}

pub fn hour(count: i64) -> DateTime<Utc> {
    second(count * 3600)
}

/// Steps from `from` through everything that comes due until `until`.
pub async fn run(outbox: &mut Outbox, from: DateTime<Utc>, until: DateTime<Utc>) {
    let mut now = from;
    loop {
        outbox.step(now).await.unwrap();
        match outbox.next_at(now).await.unwrap() {
            Some(next) if next <= until => now = next,
            _ => return,
        }
    }
}

/// A relay for one mail; ends with what it heard.
pub async fn relay(script: Script) -> (u16, JoinHandle<Heard>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    (listener.local_addr().unwrap().port(), tokio::spawn(serve(listener, script)))
}

pub fn ids(calls: &[Call]) -> BTreeSet<String> {
    calls.iter().map(|call| call.id().to_owned()).collect()
}
