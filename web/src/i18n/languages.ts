export const languages = { en: "English" } as const;

export type Language = keyof typeof languages;

export const languageCodes = Object.keys(languages) as Language[];
