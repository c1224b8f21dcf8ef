//! The native integration tests: cases as data, and what must hold of every one of them.
#![cfg(not(target_arch = "wasm32"))]

mod bad;
mod case;
mod channel;
mod combination;
mod combos;
mod command;
mod dates;
mod differential;
mod doors;
mod errors;
mod files;
mod good;
mod grades;
mod guards;
mod guides;
mod hostile;
mod laws;
mod limits;
mod offers;
mod prices;
mod quantities;
mod random;
mod rooms;
mod sample;
mod semantics;
mod sentences;
mod slice;
mod slow;
mod tax;
mod transition;
mod units;
mod world;
