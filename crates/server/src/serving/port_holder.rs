//! Who holds a port, as far as this machine tells.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The process that listens on this address (or on all addresses with this port), for instance `nginx (pid 812)`.
/// Best effort: other users' processes are seen only by root, and other systems than Linux not at all.
pub(super) fn find(address: SocketAddr) -> Option<String> {
    let inode = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .find_map(|table| listening_inode(&table, address))?;
    process_with_socket(inode)
}

fn listening_inode(table: &str, address: SocketAddr) -> Option<u64> {
    const LISTEN: &str = "0A";
    table.lines().skip(1).find_map(|line| {
        let mut columns = line.split_ascii_whitespace().skip(1);
        let local = columns.next()?;
        let state = columns.nth(1)?;
        let inode = columns.nth(5)?;
        let (ip, port) = local.split_once(':')?;
        let (ip, port) = (kernel_address(ip)?, u16::from_str_radix(port, 16).ok()?);
        let same = ip == address.ip() || ip.to_canonical() == address.ip() || ip.is_unspecified();
        (state == LISTEN && port == address.port() && same).then(|| inode.parse().ok())?
    })
}

/// Words of 32 bits in the machine's own byte order, in hexadecimal.
fn kernel_address(hex: &str) -> Option<IpAddr> {
    let mut octets = Vec::with_capacity(16);
    for at in (0..hex.len()).step_by(8) {
        let word = u32::from_str_radix(hex.get(at..at + 8)?, 16).ok()?;
        octets.extend(word.to_ne_bytes());
    }
    match octets.len() {
        4 => <[u8; 4]>::try_from(octets).ok().map(|octets| Ipv4Addr::from(octets).into()),
        16 => <[u8; 16]>::try_from(octets).ok().map(|octets| Ipv6Addr::from(octets).into()),
        _ => None,
    }
}

fn process_with_socket(inode: u64) -> Option<String> {
    let wanted = format!("socket:[{inode}]");
    fs::read_dir("/proc").ok()?.flatten().find_map(|process| {
        let pid: u32 = process.file_name().to_str()?.parse().ok()?;
        let holds = fs::read_dir(process.path().join("fd")).ok()?.flatten().any(|descriptor| {
            fs::read_link(descriptor.path()).is_ok_and(|target| target.as_os_str() == wanted.as_str())
        });
        let name = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
        holds.then(|| format!("{} (pid {pid})", name.trim_end()))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_table_can_be_read(table in ".*\n( *[0-9]: [0-9A-F]{0,34}:[0-9A-F]{0,5} [0-9A-F:]{0,20} 0A .*\n)*") {
            listening_inode(&table, "[::1]:8443".parse().unwrap());
        }
    }

    #[cfg(target_endian = "little")]
    #[test]
    fn the_kernels_table_names_the_socket_that_listens() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
             0: 0100007F:20FB 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 111 1\n\
             1: 0100007F:20FB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 222 1\n\
             2: 00000000:01BB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1\n";
        for (address, inode) in [
            ("127.0.0.1:8443", Some(222)),
            ("127.0.0.1:443", Some(333)),
            ("127.0.0.2:8443", None),
            ("127.0.0.1:80", None),
        ] {
            assert_eq!(listening_inode(table, address.parse().unwrap()), inode, "{address}");
        }
    }

    #[test]
    fn a_table_of_another_shape_names_nobody() {
        for table in [
            "",
            "\n",
            "h\n1: x\n",
            "h\n0: 0100007F:20FB 0:0 0A\n",
            "h\n0: 01:20FB 0:0 0A a b c d 5\n",
            "h\n0: é:é 0 0A 1 2 3 4 5 6\n",
        ] {
            assert_eq!(listening_inode(table, "127.0.0.1:8443".parse().unwrap()), None, "{table}");
        }
    }
}
