/* Pictures of a chart, made by the browser, and its code and command for the clipboard.
 *
 * Streamlit keeps Plotly to itself, so the chart's own "download" button is what draws the picture:
 * it reads the format from the chart's settings when it is clicked.
 */

import { showCopies } from "./copies.js";

export default function ({ data, parentElement }) {
  const holder = parentElement.querySelector(".lsp-copies");
  const pictures = data.chart
    ? ["png", "svg"].map((format) => ({
        label: format.toUpperCase(),
        name: `Download the chart as ${format.toUpperCase()}`,
        act: () => saveChart(data.chart, format, data.name),
      }))
    : [];
  showCopies(holder, [...pictures, ...data.copies]);
  return () => holder.replaceChildren();
}

async function saveChart(key, format, name) {
  const plot = document.querySelector(`.st-key-${CSS.escape(key)} .js-plotly-plot`);
  const buttons = plot?._fullLayout?._modeBar?.buttons?.flat() ?? [];
  const download = buttons.find((button) => button.name === "toImage");
  if (!download) return "The chart is not drawn yet; try again when it is.";
  const settings = plot._context.toImageButtonOptions;
  plot._context.toImageButtonOptions = { format, filename: name, scale: format === "png" ? 2 : 1 };
  try {
    download.click(plot);
  } finally {
    plot._context.toImageButtonOptions = settings;
  }
  return "";
}
