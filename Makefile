# Paths stay relative and console scripts uncalled: a space in the path of the checkout breaks
# $(CURDIR), and it breaks the first line of every script in .venv/bin.
# Variables given to make (make run PORT=9000) reach the commands through the environment.

.DEFAULT_GOAL := help
.PHONY: run test api-check validate accessibility lighthouse bench growth lint demo messages security-table lock help chromium chromium-of-windows java deploy-check nginx pgbouncer licences sbom audit scan chaos attack slowhttptest machines

# The first Python that is new enough; PYTHON=/path/to/python chooses another.
PYTHON ?= $(or $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,\
  $(shell $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $(name)))),python3)
VENV := .venv/bin/python
SCAN := .venv/scan/bin/python
# A Python that was upgraded or removed since has no pip here, and so none of the packages either.
_ := $(shell $(VENV) -c 'import pip' >/dev/null 2>&1 || rm -f .venv/base .venv/dev)
MESSAGES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))
NODE_TOOLS := tests/node/node_modules/.package-lock.json
TEST_FLAGS ?= -n 2 --dist loadgroup
# Many containers forbid Python to keep what it compiled, which saves them a few files; here each of the processes
# that a start or a test makes would compile the whole site anew.
export PYTHONDONTWRITEBYTECODE :=

run: .venv/base $(MESSAGES)  ## Run the site with its own database / Chạy trang tin (PORT, HOST, DATA_DIR, DATABASE_URL)
	@exec $(VENV) manage.py serve

test: .venv/dev $(MESSAGES) chromium pgbouncer  ## Run every test / Chạy toàn bộ kiểm thử (TEST_FLAGS="-n 0 -k …")
	@exec $(VENV) -m pytest $(TEST_FLAGS)

api-check: .venv/dev $(MESSAGES)  ## Ask the open data interface thousands of odd questions / Thử kỹ giao diện dữ liệu mở
	@API_CHECK_EXAMPLES=$${API_CHECK_EXAMPLES:-100} exec $(VENV) -m pytest -n 0 -s tests/articles/test_api_description.py

validate: .venv/dev $(MESSAGES) $(NODE_TOOLS) java  ## Check pages, feeds and sitemaps by validators / Kiểm tra trang bằng các bộ kiểm định
	@exec $(VENV) -m pytest -n 0 -s tests/validate_pages.py

accessibility: .venv/dev $(MESSAGES) chromium  ## Ask axe in all colours and widths / Thử khả năng tiếp cận ở mọi chế độ màu
	@AXE_IN_ALL_MODES=1 exec $(VENV) -m pytest -n 2 tests/browser -k "axe or accessible"

lighthouse: .venv/dev $(MESSAGES) $(NODE_TOOLS) chromium-of-windows nginx  ## Measure pages on a slow phone / Đo trang như trên điện thoại mạng chậm
	@exec $(VENV) -m bench.lighthouse

deploy-check: .venv/dev $(MESSAGES)  ## Try backups, nginx, upgrades for real / Thử sao lưu, nginx và nâng cấp thật (cần root và nginx)
	@DEPLOY_CHECK=1 $(VENV) -m pytest -n 0 -s --tb=short tests/deploy
	@deploy/point-in-time.sh

# CHAOS_SOAK_MINUTES=10 for a shorter soak; FAULTS=3,11 tries some; FAULTS_REPORT=docs/faults.md writes the table.
chaos: .venv/dev $(MESSAGES) chromium nginx  ## Break everything for real, tell what held / Thử mọi sự cố thật (2 giờ rưỡi, cần root)
	@CHAOS=1 DEPLOY_CHECK=1 VISITS_TEST_SECONDS=$${VISITS_TEST_SECONDS:-60} exec $(VENV) -m pytest -n 0 --tb=short -p tests.faults.report

attack: .venv/dev $(MESSAGES) chromium nginx slowhttptest  ## Attack the site on loopback, two hours / Tấn công thử trang, hai giờ (ATTACK_ONLY, ATTACK_EXAMPLES)
	@exec $(VENV) -m tests.attack

machines: .venv/dev $(MESSAGES) nginx pgbouncer  ## Let servers of several machines die under readers / Thử nhiều máy chủ, tắt từng máy
	@exec $(VENV) -m pytest -n 0 -s --tb=short tests/machines/failures.py

bench: .venv/dev $(MESSAGES)  ## Measure pages, counting and photos / Đo tốc độ trang, đếm truy cập và xử lý ảnh
	@for name in pages edge promises evenness record ship dashboard photos; do $(VENV) -m bench.$$name || exit; done

growth: .venv/dev $(MESSAGES)  ## Compare sites of 1,000 to a million stories / So sánh trang từ 1.000 đến 1 triệu tin (15 GB)
	@exec $(VENV) -m bench.growth

lint: .venv/dev  ## Check style / Kiểm tra quy cách mã nguồn
	$(VENV) -m ruff format --check --output-format concise .
	$(VENV) -m ruff check --output-format concise .
	find templates -name '*.html' -exec .venv/bin/djade --check --target-version 5.2 {} +
	@! grep -nE '^ *(-i|-f|--[a-z-]*(index|url|links|host))|://|/(home|root|opt|tmp|work)/' requirements/*.txt \
	  || { echo "requirements/*.txt must name no index, mirror or local path."; exit 1; }

	@! grep -n '"resolved"' tests/node/package-lock.json \
	  || { echo "tests/node/package-lock.json must name no registry."; exit 1; }

demo: .venv/base $(MESSAGES)  ## Replace the news by the demo news, asks first / Đặt lại dữ liệu mẫu (có hỏi)
	@exec $(VENV) manage.py load_demo --reset

messages: .venv/dev  ## Extract and compile the translations / Cập nhật bản dịch
	@command -v xgettext >/dev/null || { echo "Extracting needs the gettext programs: apt-get install gettext"; exit 1; }
	$(VENV) manage.py makemessages --locale vi --no-location --no-wrap \
	  --ignore '.venv/*' --ignore 'var/*' --ignore 'static/*' --ignore 'tests/*' --ignore 'bench/*'
	@$(MAKE) --no-print-directory $(MESSAGES)

security-table: .venv/dev  ## Write docs/security-requirements.md / Lập bảng yêu cầu an toàn và kiểm thử
	@$(VENV) -m tests.security.table

licences: .venv/dev  ## Write docs/licences.md / Lập danh sách giấy phép
	@$(VENV) -m tests.security.parts

sbom: .venv/dev .venv/scan/done  ## Write var/sbom.cdx.json, the list of components / Lập danh sách thành phần (CycloneDX)
	@mkdir -p var
	@$(SCAN) -m cyclonedx_py environment $(VENV) --pyproject pyproject.toml --mc-type application --output-file var/sbom.cdx.json
	@$(VENV) -m tests.security.parts var/sbom.cdx.json && echo var/sbom.cdx.json

audit: .venv/scan/done  ## Ask for known holes of the packages / Tra lỗ hổng đã biết của các gói
	@$(SCAN) tests/security/audit.py requirements/*.txt

scan: .venv/scan/done  ## Look through the code for what ruff does not see / Rà mã nguồn bằng semgrep
	@PATH=.venv/scan/bin:$$PATH $(SCAN) .venv/scan/bin/pysemgrep scan --config tests/security/semgrep.yml --metrics off \
	  --disable-version-check --error --quiet newsportal articles visitors templates static/js manage.py && echo "semgrep: 0"

lock: .venv/dev  ## Write requirements/*.txt from pyproject.toml / Khóa phiên bản (LOCK_FLAGS=--upgrade)
	$(VENV) -m uv pip compile pyproject.toml $(LOCK) --output-file requirements/base.txt
	$(VENV) -m uv pip compile pyproject.toml $(LOCK) --extra dev --constraint requirements/base.txt --output-file requirements/dev.txt
	$(VENV) -m uv pip compile pyproject.toml $(LOCK) --extra s3 --constraint requirements/base.txt --output-file requirements/s3.txt
	$(VENV) -m uv pip compile --group scan $(LOCK) --output-file requirements/scan.txt

# For every platform and every Python from the oldest on; the address of the index stays out. Extras stay
# in: pip takes a locked “coverage” for no answer to “coverage[toml]” once a newer release is out.
LOCK = --universal --python-version 3.11 --generate-hashes --no-annotate --no-strip-extras \
  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet $(LOCK_FLAGS)

help:  ## Show this list / Danh sách lệnh
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-18s%s\n", $$1, $$2 }'

$(VENV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed / cần Python 3.11 trở lên: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' \
	  || { echo "Python's venv module is missing / thiếu mô-đun venv: apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv --clear .venv

.venv/base: requirements/base.txt | $(VENV)
	@echo "Installing packages / Đang cài đặt các gói…"
	@$(INSTALL) requirements/base.txt
	@touch $@

# dev holds all of base, in the same versions.
.venv/dev: requirements/dev.txt requirements/base.txt | $(VENV)
	@echo "Installing packages / Đang cài đặt các gói…"
	@$(INSTALL) requirements/dev.txt
	@touch .venv/base $@

# Scanners look at the packages, so they have an environment of their own.
.venv/scan/done: requirements/scan.txt | $(VENV)
	@echo "Installing scanners / Đang cài đặt công cụ rà soát…"
	@$(PYTHON) -m venv --clear .venv/scan
	@$(SCAN) -m pip install -qq --disable-pip-version-check --no-warn-script-location --require-hashes -r requirements/scan.txt
	@touch $@

# An environment whose making was cut off has no pip.
INSTALL = { $(VENV) -c 'import pip' 2>/dev/null || $(PYTHON) -m venv --clear .venv; } && $(VENV) -m pip install -qq --disable-pip-version-check --no-warn-script-location --require-hashes -r

# Only for validate and lighthouse.
$(NODE_TOOLS): tests/node/package-lock.json
	@$(call needs,npm,nodejs npm,Node.js 18 or newer)
	@cd tests/node && npm ci --silent
	@touch $@

java:
	@$(call needs,java,default-jre-headless,Java 11 or newer)

nginx:
	@$(call needs,nginx,nginx,nginx)

slowhttptest:
	@$(call needs,slowhttptest,slowhttptest,slowhttptest)

# Program, packages of Debian, name.
needs = command -v $(1) >/dev/null || { \
  [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo "Installing $(3)…" && apt-get update -qq && \
  apt-get install -y -qq --no-install-recommends $(2) >/dev/null; } || { echo "$(3) is needed: apt-get install $(2)"; exit 1; }

# Babel, so that the gettext programs are not needed.
%.mo: %.po | .venv/base
	@$(VENV) -m babel.messages.frontend --quiet compile --input-file $< --output-file $@

# The test of several machines reaches its database through it.
pgbouncer:
	@PATH="$$PATH:/usr/sbin"; command -v pgbouncer >/dev/null && exit; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing PgBouncer for the test of several machines…"; \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends pgbouncer >/dev/null && exit; \
	fi; \
	echo "*** NO PGBOUNCER FOUND: THE SITE IS NOT TRIED BEHIND IT / KHÔNG CÓ PGBOUNCER: KHÔNG THỬ ĐƯỢC PHẦN NÀY ***"; \
	[ "$$CI" != true ]

# The browser tests drive the system's Chromium, without windows where Debian has it so: that is the quicker one.
chromium:
	@command -v chromium-headless-shell >/dev/null && exit; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing Chromium for the browser tests…"; \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium-headless-shell >/dev/null && exit; \
	fi; \
	for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit; done; \
	echo "*** NO CHROMIUM FOUND: THE BROWSER TESTS DO NOT RUN / KHÔNG CÓ CHROMIUM: BỎ QUA KIỂM THỬ TRÌNH DUYỆT ***"; \
	[ "$$CI" != true ]

# Lighthouse starts the whole one.
chromium-of-windows:
	@$(call needs,chromium,chromium,Chromium)
