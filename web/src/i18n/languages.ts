export const languages = { en: "English", fr: "Français", de: "Deutsch" } as const;

export type Language = keyof typeof languages;

export const languageCodes = Object.keys(languages) as Language[];
