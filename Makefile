# Called by `sam build`, once for each function; to do it by hand, `make functions`.
#
# All functions are one build of the workspace: the first call compiles and links them, the others
# find nothing left to do. The profile in Cargo.toml says how; cargo-lambda would abort on panics.
#
# `sam build` does not say for which processor. Set ARCHITECTURE as the parameter of the template.

ARCHITECTURE ?= arm64

.PHONY: functions
functions:
	cargo lambda build --release --locked --disable-optimizations \
	  --$(subst _,-,$(ARCHITECTURE)) --workspace --exclude countersign --exclude tests --exclude benches --exclude hello --bins

# WebhookDeliveryFunction is the executable webhook_delivery.
build-%Function: functions
	cp target/lambda/$$(echo $* | sed 's/\(.\)\([A-Z]\)/\1_\2/g' | tr A-Z a-z)/bootstrap $(ARTIFACTS_DIR)/
