//! From the configuration to the outbox's address book.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use anyhow::Context as _;

use super::secrets::link_secret;
use super::{Config, Contact};
use crate::deliver::email::Relay;
use crate::deliver::settings::{Address, SettingsError};
use crate::deliver::webhook::Endpoint;
use crate::outbox::address::{AddressBook, Addresses};
use crate::pack::Pack;
use crate::pack::rule::Status;
use crate::pack::tables::Agency;

impl Config {
    /// The agencies that rules of the pack ask and that are told nothing, because they have no address.
    pub fn without_address<'a>(&self, pack: &'a Pack) -> Vec<&'a Agency> {
        let telling = pack.rules.iter().filter(|rule| rule.status == Status::Stable);
        let asked: BTreeSet<&str> =
            telling.flat_map(|rule| &rule.notify).map(|message| message.role.as_ref()).collect();
        let is_asked = |agency: &&Agency| agency.roles.iter().any(|role| asked.contains(role.as_ref()));
        pack.agencies.iter().filter(is_asked).filter(|agency| !self.is_reached(&agency.id)).collect()
    }

    /// Whether an agency has an address.
    pub fn is_reached(&self, agency: &str) -> bool {
        self.agencies.get(agency).is_some_and(|contact| !contact.email.is_empty() || !contact.webhook.is_empty())
    }

    /// Who is reached where. The key of the links in mails is made here when there is none.
    ///
    /// # Errors
    /// The key cannot be kept, or TLS cannot be set up.
    pub fn address_book(&self, pack: &Pack) -> anyhow::Result<AddressBook> {
        let endpoint = |(name, settings)| Ok::<_, SettingsError>((String::clone(name), Endpoint::new(settings)?));
        let agency = |(id, contact): (&std::sync::Arc<str>, &Contact)| {
            let name = pack.agency(id).map_or_else(|| id.to_string(), |agency| agency.name.clone());
            Ok::<_, SettingsError>((id.clone(), addresses(name, contact)?))
        };
        let link_secret = match &self.link_secret {
            Some(secret) => secret.clone(),
            None => link_secret(&self.store).with_context(|| {
                format!("the key of the links in mails cannot be kept as `{}.links`", self.store.display())
            })?,
        };
        Ok(AddressBook {
            relay: self.email.as_ref().map(Relay::new).transpose()?,
            endpoints: self.endpoints.iter().map(endpoint).collect::<Result<BTreeMap<_, _>, _>>()?,
            agencies: self.agencies.iter().map(agency).collect::<Result<BTreeMap<_, _>, _>>()?,
            coordinator: self.coordinator.clone(),
            public_url: self.public_url.clone(),
            link_secret,
        })
    }
}

fn addresses(name: String, contact: &Contact) -> Result<Addresses, SettingsError> {
    let email = contact.email.iter().map(|text| Address::from_str(text)).collect::<Result<_, _>>()?;
    Ok(Addresses { name, email, webhook: contact.webhook.clone() })
}
