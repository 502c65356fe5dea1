//! The operator's commands beside a running system: through a socket that is its user's only.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use countersign::{DataError, Operator, OperatorError, Options, Place, System, handlers};
use runtime::Ambient;

use super::{Directory, stepping};

fn place(data: PathBuf) -> Place {
    Place { data, stack: None }
}

#[tokio::test]
async fn commands_reach_a_running_system() {
    // An address of a socket holds about a hundred bytes.
    for folder in ["data".to_owned(), "d".repeat(120)] {
        let directory = Directory::new();
        std::fs::create_dir(&directory.0).expect("the directory of tests is writable");
        let data = directory.0.join(folder);
        let ambient = Ambient::default();
        let options = Options { data_dir: Some(data.clone()), ..stepping() };
        let system = System::start(options, handlers::functions(&ambient)).await.expect("starts");
        let socket = data.join("commands.sock");
        let mode = std::fs::metadata(&socket).expect("the socket").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let made = countersign::command::demo::example_tenant(&system, &ambient).await;
        let operator = Operator::open(&place(data.clone())).await.expect("it is let in");
        let known = operator.app().table.tenant_ids().await.expect("the table answers");
        assert_eq!(known, [made.expect("a tenant").tenant.id]);
        operator.close().await;
        system.stop().await;
        assert!(!socket.exists(), "it goes with the process");
        let operator = Operator::open(&place(data)).await.expect("it opens the file itself");
        assert_eq!(operator.app().table.tenant_ids().await.expect("it answers"), known);
        operator.close().await;
    }
}

#[tokio::test]
async fn a_directory_whose_process_lets_nobody_in_is_in_use() {
    let directory = Directory::new();
    let first = Operator::open(&place(directory.0.clone())).await.expect("it opens the file");
    for left_behind in [false, true] {
        if left_behind {
            let path = directory.0.join("commands.sock");
            drop(std::os::unix::net::UnixListener::bind(path).expect("a socket"));
        }
        let second = Operator::open(&place(directory.0.clone())).await.err();
        assert!(matches!(second, Some(OperatorError::Data(DataError::InUse(_)))), "{second:?}");
    }
    first.close().await;
}
