// Runs a program in the newest Python, with the directories that follow it on its path.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [node, program, ...folders] = process.argv.slice(2);
const { loadPyodide } = createRequire(`${node}/`)("pyodide");
const python = await loadPyodide();
const places = folders.map((root, number) => {
  const place = `/path${number}`;
  python.FS.mkdir(place);
  python.FS.mount(python.FS.filesystems.NODEFS, { root }, place);
  return place;
});
python.runPython(`import sys; sys.path[:0] = ${JSON.stringify(places)}`);
python.runPython(readFileSync(program, "utf-8"));
