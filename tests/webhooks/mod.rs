//! Webhooks: what arrives, when, how often, and what happens when something goes wrong.

mod canonical;
mod counting;
mod crowds;
mod in_flight;
mod kinds;
mod lost;
mod management;
mod outages;
mod receivers;
mod reminders;
