import { effect, signal } from "@preact/signals";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const KEY = "commcoin-theme";
const kept = localStorage.getItem(KEY);

export const theme = signal<Theme>(THEMES.find((name) => name === kept) ?? "system");

const prefersDark = matchMedia("(prefers-color-scheme: dark)");
const systemIsDark = signal(prefersDark.matches);
prefersDark.addEventListener("change", ({ matches }) => (systemIsDark.value = matches));

/** Whether the page is dark now; what is drawn with colours of its own follows it. */
export const isDark = (): boolean => (theme.value === "system" ? systemIsDark.value : theme.value === "dark");

effect(() => {
  document.documentElement.dataset["theme"] = isDark() ? "dark" : "light";
  if (theme.value === "system") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, theme.value);
});
