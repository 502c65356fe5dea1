//! Events into the feed, and on their way to whoever is entitled.

use cloud::{Deliver, EventRow, StoreError};
use model::delivery::Delivery;
use model::ids::TenantId;

use crate::app::App;

impl App {
    /// Publishes events, tenant by tenant, all tenants at once: one tenant's many events do not
    /// keep another's few waiting. Answers the events that are to come again.
    pub async fn publish(&self, rows: Vec<EventRow>) -> Vec<EventRow> {
        let mut tenants: Vec<(TenantId, Vec<EventRow>)> = Vec::new();
        for row in rows {
            let tenant = row.event().tenant;
            match tenants.iter_mut().find(|(known, _)| *known == tenant) {
                Some((_, rows)) => rows.push(row),
                None => tenants.push((tenant, vec![row])),
            }
        }
        let published = tenants.into_iter().map(|(tenant, rows)| async move {
            match self.publish_for(tenant, &rows).await {
                Ok(deliveries) => {
                    tracing::info!(
                        events = rows.len(),
                        deliveries = deliveries.len(),
                        tenant.id = %tenant,
                        "published"
                    );
                    Vec::new()
                }
                Err(error) => {
                    tracing::warn!(error = %error, tenant.id = %tenant, "not published");
                    rows
                }
            }
        });
        futures_util::future::join_all(published).await.into_iter().flatten().collect()
    }

    async fn publish_for(
        &self,
        tenant: TenantId,
        rows: &[EventRow],
    ) -> Result<Vec<Delivery>, StoreError> {
        let Some(entered) = self.table.enter(tenant).await? else {
            return Ok(Vec::new());
        };
        let endpoints = self.table.endpoints(&entered).await?;
        let deliveries = self.table.publish(&entered, rows, &endpoints).await?;
        self.set_going(&deliveries).await;
        Ok(deliveries)
    }

    /// Queues messages for deliveries that were committed. One that cannot be queued is not lost:
    /// the sweeper finds it due.
    pub async fn set_going(&self, deliveries: &[Delivery]) {
        let Some(queue) = &self.deliveries else { return };
        let message = |d: &Delivery| Deliver { tenant: d.entry.event.tenant, delivery: d.id };
        let messages: Vec<Deliver> = deliveries.iter().map(message).collect();
        if let Err(error) = queue.send(&messages).await {
            tracing::warn!(error = %error, deliveries = messages.len(), "deliveries not queued");
        }
    }
}
