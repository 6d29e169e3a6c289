# SPDX-License-Identifier: Apache-2.0
# Ebb. `make help` lists what can be asked for. Everything built goes under build/, what is fetched under .deps/.
VERSION := 0.1.0
PREFIX ?= /usr/local
DESTDIR ?=
# VARIANT is set by the asan and tsan targets; each variant has its own objects.
VARIANT ?= release
B := build/$(VARIANT)

ifeq ($(origin CC),default)
# Coverage-guided fuzzing needs a compiler that reports coverage.
CC := $(if $(filter fuzz,$(VARIANT)),clang,gcc)
endif
# Texts for people are cut where they are too long: that is what snprintf is called for.
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wundef -Wvla \
            -Wformat=2 -Wno-format-truncation -Wconversion -Wno-sign-conversion -Wimplicit-fallthrough
# What clang thinks of the code is not asked: gcc decides, in every other variant.
ifeq ($(VARIANT),fuzz)
WARNINGS := -w
endif
CPPFLAGS += -I. -I$(B)/gen -D_GNU_SOURCE -DEBB_VERSION='"$(VERSION)"'
CFLAGS ?= -O2 -g
CFLAGS_ALL = -std=gnu11 $(WARNINGS) -fno-common -fstack-protector-strong $(CFLAGS) $(VARIANT_CFLAGS)
LDFLAGS_ALL = $(LDFLAGS) $(VARIANT_LDFLAGS) -Wl,--as-needed
VARIANT_CFLAGS_asan := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
VARIANT_CFLAGS_tsan := -O1 -fsanitize=thread
VARIANT_CFLAGS_fuzz := -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
VARIANT_CFLAGS_coverage := -O0 --coverage -fprofile-update=atomic
VARIANT_CFLAGS_mutant := -w -include lib/base/mutant.h
VARIANT_CFLAGS := $(VARIANT_CFLAGS_$(VARIANT))
VARIANT_LDFLAGS := $(VARIANT_CFLAGS)

LIBS := -lrdkafka -lcurl -lmicrohttpd -lhiredis -lmsgpackc -ljansson -lexpat -lyaml -lssl -lcrypto -lpthread -lm

LIB_SOURCES := $(wildcard lib/*/*.c lib/*/*/*.c schemas/*.c)
EBB_SOURCES := $(wildcard workers/*.c producers/*.c commands/*.c)
WORLD_SOURCES := $(wildcard world/*.c world/*/*.c)
SIM_SOURCES := $(wildcard tests/sim/*.c)
TEST_SOURCES := $(wildcard tests/unit/*.c tests/vectors/*.c tests/contract/*.c) $(filter tests/sim/redis_%,$(SIM_SOURCES))
# The packaged librdkafka calls C11's threads, which ThreadSanitizer does not know; the shim tells it.
SHIM_SOURCES := $(wildcard tests/support/tsan_shim.c)
SUPPORT_SOURCES := $(filter-out $(SHIM_SOURCES),$(wildcard tests/support/*.c))
TOOL_SOURCES := $(wildcard tests/tools/*.c)
# The targets, with libFuzzer's main or our own.
FUZZ_SOURCES := $(filter-out tests/fuzz/$(if $(filter fuzz,$(VARIANT)),m%.c,libfuzzer.c),$(wildcard tests/fuzz/*.c)) \
                tests/support/record_sample.c
SCRIPTS := $(wildcard lib/store/scripts/*.lua)

objects = $(patsubst %.c,$(B)/%.o,$(1))
LIB_OBJECTS := $(call objects,$(LIB_SOURCES))
EBB_OBJECTS := $(call objects,$(EBB_SOURCES))
WORLD_OBJECTS := $(call objects,$(WORLD_SOURCES))
SIM_OBJECTS := $(call objects,$(SIM_SOURCES))
TEST_OBJECTS := $(call objects,$(TEST_SOURCES) $(SUPPORT_SOURCES))
FUZZ_OBJECTS := $(call objects,$(FUZZ_SOURCES))
TOOLS := $(patsubst tests/tools/%.c,$(B)/tools/%,$(TOOL_SOURCES))
ifeq ($(VARIANT),tsan)
SHIM_OBJECTS := $(call objects,$(SHIM_SOURCES))
endif

INSTALL_DEPENDENCIES := deploy/dependencies/install.sh
RUN_TESTS := tests/support/run-tests
# Sub-makes use all cores, unless this make was itself told how many.
JOBS = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

.PHONY: all
all: $(B)/ebb $(B)/ebb-world ## build ebb and ebb-world into build/release (the default)

.PHONY: help
help: ## show this list
	@echo 'make TARGET [VARIANT=asan|tsan] [DEVELOPER=1: warnings are errors] [V=1: show commands] [NO_INSTALL=1: name missing packages only]'
	@awk -F ':.*## ' '/^[a-z][a-z -]*:.*## / { printf "  %-14s %s\n", $$1, $$2 }' Makefile

# ------------------------------------------------------------------------------------ first use

.PHONY: demo
demo: ## install what is missing, build, and show one service scaled in twice: AWS's way and Ebb's
	@$(INSTALL_DEPENDENCIES) demo
	@$(MAKE) --no-print-directory -s $(JOBS) all
	@exec $(B)/ebb-world demo

# run-tests builds what it needs, so that a failing build is told and counted like a failing test.
.PHONY: test
test: ## install what is missing and run every test there is; minutes
	@$(INSTALL_DEPENDENCIES) test
	@exec $(RUN_TESTS) dependencies release-unit asan-unit tsan-unit fuzz sim statements lint fmt-check integration

.PHONY: check
check: ## the fast tests: C tests of the release build and lint; no Java, no Python
	@$(INSTALL_DEPENDENCIES) check
	@exec $(RUN_TESTS) release-unit lint fmt-check

.PHONY: asan tsan
asan tsan: ## the C tests under AddressSanitizer and UBSan, or under ThreadSanitizer
	@$(INSTALL_DEPENDENCIES) check
	@exec $(RUN_TESTS) $@-unit

.PHONY: integration
integration: ## the integration tests; T=FILE_OR_-k_WORD for some, EBB_VARIANT=asan for that build
	@$(INSTALL_DEPENDENCIES) test
	@exec $(RUN_TESTS) integration

.PHONY: chaos
chaos: ## kill, cut and wipe everything around a thousand services: KILLS=500 WIPES=20 SERVICES=1000 MINUTES=60 SEED= KEEP=1
	@$(INSTALL_DEPENDENCIES) test
	@$(MAKE) --no-print-directory -s $(JOBS) all tools
	@exec tests/chaos/chaos

.PHONY: fresh
fresh: ## try the first use in an empty Debian: clone, make demo, make test twice (as root; long)
	@$(INSTALL_DEPENDENCIES) fresh
	@exec tests/support/fresh-machine

.PHONY: bench
bench: ## measure memory and throughput, each in less than a minute; names what takes longer
	@$(INSTALL_DEPENDENCIES) test
	@$(MAKE) --no-print-directory -s $(JOBS) all tools
	@set -e; for one in idle-memory redis-memory 'flat-memory 20000' 'throughput --embedded'; do echo "== bench/$$one"; bench/$$one; done
	@echo '== not run, they take minutes: bench/flat-memory; bench/throughput (a real broker)'

# ------------------------------------------------------------------------------------ house rules

.PHONY: lint fmt-check
lint fmt-check: ## the house rules, one script a rule in tests/lint; the layout of the code
	@$(INSTALL_DEPENDENCIES) check
	@exec $(RUN_TESTS) $@

.PHONY: fmt
fmt: ## lay the code out as clang-format decides
	@$(INSTALL_DEPENDENCIES) check
	@tests/support/format write

.PHONY: python-lock
python-lock: ## pin anew what deploy/dependencies/python/*.txt bring along
	@deploy/dependencies/python/lock

# ------------------------------------------------------------------------------------ building

.DELETE_ON_ERROR:
# One short line for each thing made; V=1 shows the commands themselves.
say = $(if $(V),,@printf '%-8s %s\n' $(1) $@;)

$(B)/ebb: $(EBB_OBJECTS) $(SHIM_OBJECTS) $(B)/libebb.a
	$(call say,link) $(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)

$(B)/ebb-world: $(WORLD_OBJECTS) $(SHIM_OBJECTS) $(B)/libebb.a
	$(call say,link) $(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)

# The model of Redis in tests/sim runs our scripts in Lua; nothing else knows of it.
LUA_LIBS = $(shell pkg-config --libs lua5.1)
LUA_OBJECTS := $(call objects,$(wildcard tests/sim/redis_lua*.c))
$(LUA_OBJECTS): private FILE_CPPFLAGS = $(shell pkg-config --cflags lua5.1)

# main functions are kept out of the test program; everything else of the world and of ebb is in it.
MAINS := $(B)/commands/main.o $(B)/world/main.o
$(B)/tests/unit-tests: $(TEST_OBJECTS) $(SHIM_OBJECTS) \
		$(filter-out $(MAINS),$(EBB_OBJECTS) $(WORLD_OBJECTS)) $(B)/libebb.a
	$(call say,link) $(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS) $(LUA_LIBS) -lcmocka

# The simulator: stages, runner and producers of ebb, the region of the world, everything else in memory.
$(B)/ebb-sim: $(SIM_OBJECTS) $(SHIM_OBJECTS) $(filter-out $(MAINS),$(EBB_OBJECTS) $(WORLD_OBJECTS)) $(B)/libebb.a
	$(call say,link) $(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS) $(LUA_LIBS)

# The model of Kafka alone, for the test that holds it to what Kafka promises. Its handle() is its own.
BUS_MODEL_OBJECTS := $(call objects,tests/contract/bus/model_side.c)
$(B)/bus-model: $(BUS_MODEL_OBJECTS) $(filter-out $(B)/tests/sim/main.o,$(SIM_OBJECTS)) $(SHIM_OBJECTS) \
		$(filter-out $(MAINS),$(EBB_OBJECTS) $(WORLD_OBJECTS)) $(B)/libebb.a
	$(call say,link) $(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS) $(LUA_LIBS)

# Histories written by hand, one file for each statement; the simulator without its own main.
STATEMENT_SOURCES := $(wildcard tests/sim/statements/*.c) tests/support/main.c tests/support/events.c
STATEMENT_OBJECTS := $(call objects,$(STATEMENT_SOURCES)) $(filter-out $(B)/tests/sim/main.o,$(SIM_OBJECTS))
$(B)/tests/statement-tests: $(STATEMENT_OBJECTS) $(SHIM_OBJECTS) $(filter-out $(MAINS),$(EBB_OBJECTS) $(WORLD_OBJECTS)) $(B)/libebb.a
	$(call say,link) $(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS) $(LUA_LIBS) -lcmocka

.PHONY: sim
SEED ?= 1
N ?= 1000
sim: ## play simulated histories: SEED=1 N=1000; prints the seeds of those that break something
	@$(INSTALL_DEPENDENCIES) check
	@$(MAKE) --no-print-directory -s $(JOBS) $(B)/ebb-sim
	@exec $(B)/ebb-sim --seed $(SEED) --n $(N)

# Every fuzz target: run on its corpus by run-tests, guided by coverage by `make fuzz`.
$(B)/ebb-fuzz: $(FUZZ_OBJECTS) $(SHIM_OBJECTS) $(filter-out $(MAINS),$(EBB_OBJECTS) $(WORLD_OBJECTS)) $(B)/libebb.a
	@mkdir -p $(@D)
	$(call say,link) $(CC) $(LDFLAGS_ALL) $(FUZZ_LDFLAGS) -o $@ $^ $(LIBS) -lcmocka
build/fuzz/ebb-fuzz: private FUZZ_LDFLAGS = -fsanitize=fuzzer

.PHONY: fuzz
fuzz: ## fuzz guided by coverage: T=TARGET (default: each in turn) SECONDS=60; findings are told with the command that repeats them
	@$(INSTALL_DEPENDENCIES) fuzz
	@$(MAKE) --no-print-directory -s $(JOBS) VARIANT=fuzz build/fuzz/ebb-fuzz
	@exec tests/fuzz/guided '$(or $(SECONDS),60)' $(T)

.PHONY: coverage
coverage: ## which lines of workers/, producers/, schemas/ and lib/ the C tests and 100 histories run: writes docs/coverage.md
	@$(INSTALL_DEPENDENCIES) test
	@$(MAKE) --no-print-directory -s $(JOBS) VARIANT=coverage build/coverage/tests/unit-tests build/coverage/tests/statement-tests build/coverage/ebb-sim
	@exec tests/support/coverage

# A build of its own, from a copy of the sources with all of tests/mutants planted in it.
MUTANT_TREE := build/mutant/tree
.PHONY: mutants mutant-build
mutant-build:
	@tests/mutants/plant $(MUTANT_TREE)
	@$(MAKE) --no-print-directory -s $(JOBS) -C $(MUTANT_TREE) VARIANT=mutant B=../out NO_INSTALL=1 \
		../out/ebb ../out/ebb-sim ../out/tests/unit-tests ../out/tests/statement-tests
mutants: ## wake one planted defect after another and see who catches it: SEEDS=3000 M='name ...'; minutes
	@$(INSTALL_DEPENDENCIES) test
	@$(MAKE) --no-print-directory -s $(JOBS) $(B)/ebb-sim mutant-build
	@exec tests/mutants/run --seeds $(or $(SEEDS),3000) --write $(M)

# Each file of tests/tools is a small program that the integration tests drive our libraries with.
.PHONY: tools
tools: $(TOOLS) $(B)/bus-model
$(B)/tools/ways_tool: $(call objects,$(wildcard tests/tools/ways/*.c))
$(TOOLS): $(B)/tools/%: $(B)/tests/tools/%.o $(SHIM_OBJECTS) $(B)/libebb.a
	@mkdir -p $(@D)
	$(call say,link) $(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)

$(B)/libebb.a: $(LIB_OBJECTS) $(B)/members
	@rm -f $@
	$(call say,archive) $(AR) rcs $@ $(LIB_OBJECTS)

ifdef DEVELOPER
# What was built with warnings as mere words is built again, once, so that none is left unseen.
WARNINGS_FATAL := -Werror
DEVELOPER_STAMP := $(B)/developer
$(B)/developer:
	@mkdir -p $(@D) && touch $@
endif

# Every object waits for the generated headers, which are few.
$(B)/%.o: %.c $(B)/flags $(DEVELOPER_STAMP) | build-dependencies $(B)/gen/scripts.h
	@mkdir -p $(@D)
	$(call say,compile) $(CC) $(CPPFLAGS) $(FILE_CPPFLAGS) $(CFLAGS_ALL) $(WARNINGS_FATAL) -MMD -MP -c -o $@ $<

$(B)/gen/scripts.h: $(SCRIPTS) lib/store/scripts/generate
	@mkdir -p $(@D)
	@lib/store/scripts/generate $(SCRIPTS) > $@.tmp && mv $@.tmp $@

# A plain `make` names the packages it misses; it installs nothing.
.PHONY: build-dependencies
build-dependencies:
	@NO_INSTALL=1 $(INSTALL_DEPENDENCIES) build

# Files whose content changes with the compiler's flags, and with the list of the library's sources,
# so that changed flags and removed files build again what hangs on them.
.PHONY: FORCE
$(B)/flags: TEXT = $(CC) $(CPPFLAGS) $(CFLAGS_ALL)
$(B)/members: TEXT = $(LIB_OBJECTS)
$(B)/flags $(B)/members: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(TEXT))' > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

-include $(patsubst %.o,%.d,$(LIB_OBJECTS) $(EBB_OBJECTS) $(WORLD_OBJECTS) $(TEST_OBJECTS) $(SIM_OBJECTS) $(SHIM_OBJECTS) $(FUZZ_OBJECTS) $(BUS_MODEL_OBJECTS) \
                            $(call objects,$(TOOL_SOURCES) $(STATEMENT_SOURCES) $(wildcard tests/tools/ways/*.c)))

# ------------------------------------------------------------------------------------ installing

DOC := $(DESTDIR)$(PREFIX)/share/doc/ebb
.PHONY: install install-world
install: $(B)/ebb $(B)/ebb.1 ## install ebb, its man page and documents; PREFIX is /usr/local unless given, DESTDIR is put before it
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(PREFIX)/share/man/man1' \
		'$(DOC)/docs' '$(DOC)/deploy/systemd' '$(DOC)/deploy/prometheus'
	install -m 755 $(B)/ebb '$(DESTDIR)$(PREFIX)/bin/ebb'
	install -m 644 $(B)/ebb.1 '$(DESTDIR)$(PREFIX)/share/man/man1/'
	install -m 644 LICENSE README.md '$(DOC)/'
	install -m 644 $(wildcard docs/*.md docs/*.json docs/*.yaml) '$(DOC)/docs/'
	install -m 644 $(wildcard deploy/systemd/*) '$(DOC)/deploy/systemd/'
	install -m 644 $(wildcard deploy/prometheus/*) '$(DOC)/deploy/prometheus/'

# Made of what the program says of itself, so it is never old and not kept here.
$(B)/ebb.1: $(B)/ebb docs/man/generate docs/exit-codes.md
	$(call say,man) docs/man/generate $(B)/ebb > $@.tmp && mv $@.tmp $@

install-world: $(B)/ebb-world ## install the simulated region, for tests of your own
	install -d '$(DESTDIR)$(PREFIX)/bin'
	install -m 755 $(B)/ebb-world '$(DESTDIR)$(PREFIX)/bin/ebb-world'

.PHONY: clean distclean
clean: ## remove what was built
	rm -rf build
distclean: clean ## remove what was fetched, too
	rm -rf .deps
