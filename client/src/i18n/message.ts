/** A text, or one for each plural category that its language tells apart (CLDR); which one is decided by `{count}`. */
export type Message = string | ({ readonly other: string } & Partial<Readonly<Record<Intl.LDMLPluralRule, string>>>);
