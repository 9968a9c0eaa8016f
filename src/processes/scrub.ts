/** Removes user names and passwords from a text before it is logged or shown. */
export type Scrub = (text: string) => string;

/** `//user:password@` of any address. */
const USERINFO = /\/\/[^\s/@'"]+@/g;

/** Query parameters that usually carry a secret. */
const SECRET_PARAMETER = /([?&](?:token|key|secret|pass(?:word|phrase)?|auth|access_token|streamkey)=)[^&\s'"]+/gi;

/** A scrubber that also removes the credentials of one address wherever they occur. */
export function scrubberFor(address: string): Scrub {
  const secrets = secretsOf(address);
  return (text) =>
    secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), text.replace(USERINFO, '//***@').replace(SECRET_PARAMETER, '$1***'));
}

function secretsOf(address: string): string[] {
  if (!URL.canParse(address)) return [];
  const { password, searchParams } = new URL(address);
  const phrase = searchParams.get('passphrase') ?? '';
  // Short words would also match within ordinary text.
  return [...new Set([password, safeDecode(password), phrase])].filter((secret) => secret.length >= 4);
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
