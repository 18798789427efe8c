/* A text of edits with numbered lines, those where it breaks the format marked. */

import { writtenText } from "../../lintseq_core/viewer/written.js";
import { themeOf } from "./shell.js";

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".lsp");
  root.dataset.theme = themeOf(parentElement.host ?? parentElement);
  root.replaceChildren(writtenText([{ text: data.text }], data.marks));
}
