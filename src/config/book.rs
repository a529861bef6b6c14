//! From the configuration to the outbox's address book.

use std::collections::BTreeMap;
use std::str::FromStr;

use anyhow::Context as _;

use super::secrets::link_secret;
use super::{Config, Contact};
use crate::deliver::email::Relay;
use crate::deliver::settings::{Address, SettingsError};
use crate::deliver::webhook::Endpoint;
use crate::outbox::address::{AddressBook, Addresses};
use crate::pack::Pack;

impl Config {
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
            None => link_secret(&self.store).context("the key of the links in mails cannot be kept")?,
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
