/* What a notebook says of itself. */

export function themeOfNotebook() {
  const { jpThemeLight } = document.body.dataset;
  if (jpThemeLight === undefined) return "auto";
  return jpThemeLight === "false" ? "dark" : "light";
}
