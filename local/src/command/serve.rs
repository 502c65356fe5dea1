//! `countersign serve`: the whole system, staying up.

use runtime::Ambient;

use super::Serving;
use crate::{Options, System, handlers};

pub(super) async fn run(serving: &Serving) -> Result<(), Box<dyn std::error::Error>> {
    runtime::start_logs();
    runtime::self_test()?;
    let options = Options {
        data_dir: Some(serving.data.clone()),
        listen: serving.listen,
        ..Options::default()
    };
    let ambient = Ambient::default();
    let system = System::start(options, handlers::functions(&ambient)).await;
    let system = system.map_err(|error| format!("{error}; `countersign doctor` may know more"))?;
    let app = handlers::operator(system.template(), system.clients(), &ambient)?;
    let tenants = app.table.tenant_ids().await?;
    anstream::eprintln!(
        "countersign serves {} (data in {})",
        system.base_url(),
        serving.data.display()
    );
    anstream::eprintln!("the API is described at {}docs", system.base_url());
    if tenants.is_empty() {
        anstream::eprintln!(
            "there is no tenant yet; in another terminal: countersign tenant create \
             --name 'Example Shop' --email developer@example.com --origin https://example.com"
        );
    }
    tokio::signal::ctrl_c().await?;
    anstream::eprintln!("stopping");
    system.stop().await;
    Ok(())
}
