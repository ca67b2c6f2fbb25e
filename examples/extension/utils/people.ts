// Whom a page or a text is about, as a query of the Phone Finder.

import type { PhoneQuery } from "nyne-phone-finder";

/** Somebody to look for. The name is for people to read; only the query is sent. */
export interface Person {
  name: string | null;
  query: PhoneQuery;
}

/**
 * The paths of profiles by site, and the host that stands for all of a site's. The first group is who it is. Pages of the site's own, such
 * as settings, are not profiles.
 */
const PROFILES: [site: RegExp, path: RegExp, host: string][] = [
  [/^([a-z]{2}|www)\.linkedin\.com$|^linkedin\.com$/, /^\/in\/([^/]+)/, "www.linkedin.com"],
  [
    /^(www\.|mobile\.)?(x|twitter)\.com$/,
    /^\/(?!(?:home|explore|search|notifications|messages|settings|login|tos|privacy|i|compose|hashtag|intent|jobs|share)(?:\/|$))(\w{1,15})(?=\/|$)/i,
    "x.com",
  ],
  // Facebook's profiles without a name differ in the query only.
  [/^(www\.|m\.)?facebook\.com$/, /^\/(profile\.php\?id=\d+)$/, "www.facebook.com"],
  [
    /^(www\.|m\.)?facebook\.com$/,
    /^\/(?!(?:watch|groups|events|marketplace|login|settings|help|pages|gaming|friends|messages|notifications|search|bookmarks|memories)(?:\/|$)|[\w.]+\.php)([\w.]{5,})\/?$/i,
    "www.facebook.com",
  ],
  [/^(www\.)?instagram\.com$/, /^\/(?!(?:explore|reels|direct|accounts|stories|p|about)(?:\/|$))([\w.]+)\/?$/i, "www.instagram.com"],
  [/^(www\.)?tiktok\.com$/, /^\/@([\w.]+)/, "www.tiktok.com"],
  [
    /^github\.com$/,
    /^\/(?!(?:settings|notifications|login|marketplace|explore|topics|search|features|about|pricing|issues|pulls|trending|sponsors|codespaces|new|dashboard)(?:\/|$))([a-z\d-]+)\/?$/i,
    "github.com",
  ],
];

/** The profile at an address, without what belongs to the visit: query, fragment, tab. */
function profileAt(address: string): { url: string; who: string } | null {
  if (!URL.canParse(address)) return null;
  const { protocol, hostname, pathname, searchParams } = new URL(address);
  if (protocol !== "https:" && protocol !== "http:") return null;
  const at = pathname === "/profile.php" ? `${pathname}?id=${searchParams.get("id")}` : pathname;
  for (const [site, path, host] of PROFILES) {
    const found = site.test(hostname) && path.exec(at);
    if (found) return { url: `https://${host}${found[0].replace(/\/$/, "")}`, who: decoded(found[1]!) };
  }
  return null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whose profile a tab shows, if it is one. */
export function personOfTab(address = "", title = ""): Person | null {
  const profile = profileAt(address);
  return profile && { name: nameIn(title, profile.who), query: { socialMediaUrl: profile.url } };
}

/**
 * The name in a title such as `(3) Ada Example - Engineer | LinkedIn`. Sites that load profiles without a new page change the title
 * after the address, so a title counts only if it agrees with the address: a number must not stand under somebody else's name.
 */
function nameIn(title: string, who: string): string | null {
  const name = title.replace(/^\(\d+\+?\)\s*/, "").split(/\s+[|/•·–-]\s+|\s+\(/)[0]!.trim();
  const words = plain(name).match(/[\p{L}\d]+/gu) ?? [];
  const handle = plain(who);
  const parts: string[] = handle.match(/[\p{L}\d]+/gu) ?? [];
  // Whole words, or all of them in one.
  const named = words.length > 1 && (words.every((word) => parts.includes(word)) || parts.some((part) => part.replace(/\d+$/, "") === words.join("")));
  const mentioned = name !== "" && (plain(title).includes(`(@${handle})`) || plain(title).startsWith(`${handle} (`));
  if (named || mentioned) return plain(name) === handle ? (/\(([^@)][^)]*)\)/.exec(title)?.[1] ?? null) : name;
  return null;
}

/** Lower case, without accents. */
const plain = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Whom somebody means who types an email, a profile's address, a phone number, or a name with or without a company. */
export function personOfText(typed: string): Person | null {
  const text = typed.trim().replace(/\s+/g, " ");
  if (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)) return { name: null, query: { email: text } };
  const profile = profileAt(text) ?? profileAt(`https://${text}`);
  if (profile) return { name: null, query: { socialMediaUrl: profile.url } };
  if (/^https?:\/\/\S+$/i.test(text)) return { name: null, query: { socialMediaUrl: text } };
  if (/^[\w-]+(\.[\w-]+)+\/\S+$/.test(text)) return { name: null, query: { socialMediaUrl: `https://${text}` } };
  if (/^\+?[\d ()./-]+$/.test(text) && text.replace(/\D/g, "").length > 5) return { name: null, query: { phone: text } };
  const [name, company] = text.split(/\s*,\s*(.*)/);
  if (!name || !/\p{L}/u.test(name) || name.includes("@")) return null;
  return { name: null, query: company ? { name, company } : { name } };
}

/** The query for people to read. */
export function describe({ name, company, email, phone, socialMediaUrl }: PhoneQuery): string {
  const profile = socialMediaUrl && decoded(socialMediaUrl.replace(/^https?:\/\/(www\.)?/, ""));
  return [name, company, email, phone, profile].filter(Boolean).join(", ");
}

/** Equal for two queries that are the same but for spelling. */
export function identity(query: PhoneQuery): string {
  const { phone, ...others } = query;
  const spelt = { ...others, ...(phone && { phone: phone.replace(/[^\d+]/g, "") }) };
  return JSON.stringify(Object.entries(spelt).sort()).toLowerCase();
}
