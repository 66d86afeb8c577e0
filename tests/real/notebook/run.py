"""Run the cells given as JSON on standard input in one kernel; print each cell's outputs as JSON."""

import json
import sys

import nbclient
import nbformat

cells = [nbformat.v4.new_code_cell(source) for source in json.load(sys.stdin)]
notebook = nbformat.v4.new_notebook(cells=cells)
nbclient.NotebookClient(notebook, kernel_name="python3", timeout=300, allow_errors=True).execute()
json.dump([cell["outputs"] for cell in notebook["cells"]], sys.stdout)
