/* What a notebook says of itself. */

function themeOfNotebook() {
  const { jpThemeLight } = document.body.dataset;
  if (jpThemeLight === undefined) return "auto";
  return jpThemeLight === "false" ? "dark" : "light";
}
