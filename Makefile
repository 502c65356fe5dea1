# Called by `sam build`, once for each function; to do it by hand, `make functions`.
#
# All functions are one build of the workspace: the first call compiles and links them, the others
# find nothing left to do.
#
# `sam build` does not say for which processor. Set ARCHITECTURE as the parameter of the template.
# PROFILE=dev is for tests on this machine, for its own processor.

ARCHITECTURE ?= arm64
PROFILE ?= release
TARGET = $(or $(CARGO_TARGET_DIR),target)
FOLDER_release = $(TARGET)/lambda
FOLDER_dev = $(TARGET)/lambda-dev
FOLDER = $(FOLDER_$(PROFILE))
# The executable of functions/NAME is called NAME.
NAMES = $(notdir $(patsubst %/Cargo.toml,%,$(wildcard functions/*/Cargo.toml)))

.PHONY: functions functions-release functions-dev
functions: functions-$(PROFILE)

# The profile in Cargo.toml says how to optimize; cargo-lambda would abort on panics.
functions-release:
	cargo lambda build --release --locked --disable-optimizations \
	  --$(subst _,-,$(ARCHITECTURE)) --workspace --exclude countersign --exclude tests --exclude benches --exclude hello --bins

# The same build as that of the tests: fewer targets would be another choice of features, and all
# dependencies would be built again. Without debug information they are half as large.
functions-dev:
	cargo build --locked --workspace --all-targets
	@set -e; for name in $(NAMES); do \
	  from=$(TARGET)/debug/$$name to=$(FOLDER_dev)/$$name/bootstrap; \
	  if [ ! -e $$to ] || [ $$from -nt $$to ]; then \
	    mkdir -p $(FOLDER_dev)/$$name; strip -S -o $$to $$from; \
	  fi; \
	done

# WebhookDeliveryFunction is the executable webhook_delivery.
build-%Function: functions
	cp $(FOLDER)/$$(echo $* | sed 's/\(.\)\([A-Z]\)/\1_\2/g' | tr A-Z a-z)/bootstrap $(ARTIFACTS_DIR)/
