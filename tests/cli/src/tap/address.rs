//! Addresses as users write them.

use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::str::FromStr;

/// `7007`, `127.0.0.1:7007`, `[::1]:7007` or `localhost:7007`.
#[derive(Clone, Copy)]
pub struct Place(SocketAddr);

impl Place {
    pub fn address(self) -> SocketAddr {
        self.0
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(port) = text.parse::<u16>() {
            return Ok(Self((Ipv4Addr::LOCALHOST, port).into()));
        }
        let found = text.to_socket_addrs();
        let found = found.map_err(|error| format!("it is no port and no address: {error}"))?;
        let mut found: Vec<SocketAddr> = found.collect();
        // The labs listen on 127.0.0.1; `localhost` may be ::1 first.
        found.sort_by_key(SocketAddr::is_ipv6);
        found.first().copied().map(Self).ok_or_else(|| format!("{text} has no address"))
    }
}

/// A place where somebody may listen.
pub fn of_a_server(text: &str) -> Result<Place, String> {
    let place: Place = text.parse()?;
    if place.0.port() == 0 {
        return Err("nobody can be reached at port 0".to_string());
    }
    Ok(place)
}
