# What each target does stands at the top of the script that it calls.
.PHONY: up build test test-everything browser-test screenshots lint bench eval clean

# With the make process gone, `up` ends too: make hands on SIGTERM, but can't when it is killed.
up:
	@setpriv --pdeathsig TERM scripts/up

build:
	@scripts/setup
	@scripts/build

test:
	@scripts/test

test-everything:
	@scripts/test everything

browser-test:
	@scripts/test browser

screenshots:
	@scripts/test screenshots

lint:
	@scripts/lint

bench:
	@scripts/bench

eval:
	@scripts/eval

# The demo's data is no build product and stays; to delete it: scripts/services remove .run
clean:
	rm -rf artifacts dist scripts/node_modules tools/onnxruntime/node_modules web/node_modules web/.next web/out
