//! `countersign doctor`: looks at what `serve` needs, and says what to do where something is wrong.

use std::fmt::Display;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::Site;

/// How far the clock may be behind this program's own file before it is called wrong.
const CLOCK_SLACK: Duration = Duration::from_secs(60);

type Finding = Result<String, String>;

/// Prints what was found; an error where something must be repaired.
pub(super) fn run(site: &Site) -> Result<(), Box<dyn std::error::Error>> {
    let findings = [
        ("port", port(site)),
        ("data", data(&site.data)),
        ("master key", master_key(&site.data)),
        ("clock", clock()),
    ];
    let mut wrong = 0;
    for (what, finding) in &findings {
        let (mark, text) = match finding {
            Ok(text) => ("ok   ", text),
            Err(text) => ("WRONG", text),
        };
        wrong += usize::from(finding.is_err());
        writeln!(anstream::stdout(), "{mark}  {what}: {text}")?;
    }
    if wrong == 0 { Ok(()) } else { Err(format!("{wrong} of 4 things are wrong").into()) }
}

fn port(site: &Site) -> Finding {
    let address = site.listening.listen;
    match TcpListener::bind(address.socket()) {
        Ok(_) => Ok(format!("{address} is free")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => Err(format!(
            "another program listens on {address}; stop it, or choose another port with --listen"
        )),
        Err(error) => {
            Err(format!("{address} cannot be used: {error}; choose another with --listen"))
        }
    }
}

fn data(directory: &Path) -> Finding {
    let shown = directory.display();
    let cannot = |error: &dyn Display| {
        format!(
            "{shown} cannot be written: {error}; give it to this user, or choose another with --data"
        )
    };
    std::fs::create_dir_all(directory).map_err(|error| cannot(&error))?;
    let probe = directory.join("doctor");
    std::fs::write(&probe, "written by countersign doctor").map_err(|error| cannot(&error))?;
    std::fs::remove_file(&probe).map_err(|error| cannot(&error))?;
    Ok(format!("{shown} can be written"))
}

fn master_key(directory: &Path) -> Finding {
    let path = directory.join("master.key");
    let shown = path.display();
    let Ok(found) = std::fs::metadata(&path) else {
        return Ok(format!("{shown} will be made at the first start"));
    };
    if found.len() != 32 {
        return Err(format!(
            "{shown} does not hold 32 bytes; restore it from a backup, for without it nothing stored can be opened"
        ));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = found.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(format!(
                "{shown} may be read by others (mode {mode:o}); run: chmod 600 {shown}"
            ));
        }
    }
    Ok(format!("{shown} is there and private"))
}

/// There is no clock to compare with but the file system's: this program cannot be younger than now.
fn clock() -> Finding {
    let built = std::env::current_exe().and_then(|exe| exe.metadata()?.modified());
    match built.map(|built| built.duration_since(SystemTime::now())) {
        Ok(Ok(behind)) if behind > CLOCK_SLACK => Err(format!(
            "the clock is at least {} s behind; set it, or tokens and links will be refused",
            behind.as_secs()
        )),
        _ => Ok("the clock is not behind this program".to_owned()),
    }
}
