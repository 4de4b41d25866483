# `make help` lists what there is. Every target sets up what it needs, once.
SHELL := /bin/bash
BIN := .venv/bin
ROUNDS ?= 30
TRANSACTIONS ?= 10000000
export PYTHONDONTWRITEBYTECODE := 1

.DEFAULT_GOAL := help

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

setup: ## Make the virtual environment and the generated code (every target does it)
	@scripts/setup

generate: setup ## Generate code from the contracts again
	@scripts/generate

run: setup ## Start an economy with a simulated community; Ctrl-C stops it
	@exec $(BIN)/python scripts/run.py

test: setup ## Lint, then run every test: unit, integration, end to end, model, faults
	@scripts/test

bench: setup ## Measure against Postgres itself and a bare gRPC echo
	@exec $(BIN)/python -m tests.bench

growth: setup ## Measure what ten million transactions in the journal do to speed
	@exec $(BIN)/python -m tests.growth --transactions $(TRANSACTIONS)

faults: setup ## Kill and freeze things under load, ROUNDS=n times
	@exec $(BIN)/python -m tests.faults --rounds $(ROUNDS)

verify: setup ## Recompute every balance, hash and root of the local economy
	@exec $(BIN)/ticketonomics-server verify

lint: setup ## Check contracts, style and types
	@scripts/lint

clean: ## Remove the virtual environment and everything generated
	rm -rf .venv .buf proto/src .bench .mypy_cache .pytest_cache .ruff_cache .hypothesis clients/web/node_modules clients/web/dist clients/web/src/contracts .screenshots

.PHONY: help setup generate run test bench growth faults verify lint clean
