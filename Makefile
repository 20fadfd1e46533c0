# make demo, make test, make web: each sets up all that it needs, and skips what is done.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test test-all web lint bench clean

demo: runs/demo/.trained runs/demo/evaluation.json artifacts/demo/report.json out/demo/flower.jpg
	@cat .github/demo.txt

test: .venv/.installed-tests
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow"

test-all: .venv/.installed-tests
	$(BIN)/python -m pytest -n 2 --dist worksteal

# Presets on a web page that runs them by itself, at http://localhost:8000/.
PAGE := denoise_camera,deblock,denoise_color,denoise_grey,sr_x2,sr_x4,complete,colorize,$\
  colorize_vivid,photo_x2,photo_x4,detect_tiles,vae_mnist_2d,autoencoder_mnist,$\
  beta_vae_sprites,beta_vae_chairs

web: artifacts/page/web/models.json
	$(BIN)/python -m export.web_server --folder=artifacts/page/web

lint: .venv/.installed-tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache

bench: .venv/.installed-tests .venv-bench/.installed .venv-tf2onnx/.installed
	$(BIN)/python -m benchmarks.speed --peers=.venv-bench/bin/python --output=out/bench.json
	$(BIN)/python -m benchmarks.speed_table out/bench.json

clean:
	rm -rf runs/demo artifacts/demo artifacts/page out/demo

runs/demo/.trained: | .venv/.installed
	$(BIN)/python train.py --flagfile=.github/demo.flags --output_dir=runs/demo
	@touch $@

runs/demo/evaluation.json: | runs/demo/.trained
	$(BIN)/python -m zoo.evaluate --run=runs/demo --dataset=photos --split=test --json=$@

artifacts/demo/report.json: | runs/demo/.trained
	$(BIN)/python -m export --run=runs/demo --formats=saved_model,float32 --output_dir=artifacts/demo

out/demo/flower.jpg: | runs/demo/.trained
	$(BIN)/python -m zoo.restore --run=runs/demo --degrade=noise:25 --compare --overwrite --output_dir=out/demo \
	  $$($(BIN)/python -c 'from importlib.resources import files; print(files("sklearn") / "datasets/images/flower.jpg")')

artifacts/page/web/models.json: $(wildcard export/web/page/* export/web/page/js/*) \
  export/web/node_modules/.installed | .venv/.installed
	$(BIN)/python -m export --web --run=$(PAGE) --formats=float16 --tile=256 --report_images=4 \
	  --output_dir=artifacts/page

# What LiteRT.js is for the page, and Kotlin's compiler for the tests of the Android code.
%/node_modules/.installed: %/package-lock.json
	@command -v npm > /dev/null || { echo "error: $* needs npm, which comes with Node.js"; exit 2; }
	npm ci --prefix $*
	@touch $@

.venv/.installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "error: $(PYTHON) is $$($(PYTHON) --version 2>&1); CPython 3.11 to 3.13 is needed: make PYTHON=python3.12"; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/.installed-tests: .venv/.installed tests/requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@

# PyTorch and TensorFlow do not share an environment: what each loads slows the other.
.venv-bench/.installed: benchmarks/requirements.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install --quiet --disable-pip-version-check -r benchmarks/requirements.txt
	@touch $@

# What turns a .tflite into ONNX needs TensorFlow: a folder beside it, that nothing else sees.
.venv-tf2onnx/.installed: benchmarks/requirements-tf2onnx.txt | .venv/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --upgrade --target=.venv-tf2onnx -r $<
	@touch $@
