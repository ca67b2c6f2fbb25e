// What a text names a person by, told from its form, and what is wrong with it.

/** The fields of a query, in the words of people. */
export const WORDS = { email: "an email", socialMediaUrl: "a profile URL", phone: "a phone", name: "a name" };

/** The field of a query that a text belongs to. */
export function recognise(text) {
  if (/^https?:|^(www\.)?[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}\/\S/i.test(text)) return "socialMediaUrl";
  if (text.includes("@")) return "email";
  if (/^\+?[\d\s().-]+$/.test(text) && /\d/.test(text)) return "phone";
  return "name";
}

/** What Nyne could do nothing with, or "". */
export function fault(field, text) {
  if (field === "email" && !/^[^\s@,;]+@[^\s@,;]+$/.test(text)) return "This looks like an email, but is not complete: name@example.com.";
  if (field === "phone" && text.replace(/\D/g, "").length < 7) return "A phone has at least 7 digits, best with its country: +1-202-555-0100.";
  if (field === "name" && !/\p{L}/u.test(text)) return "A name has letters.";
  return "";
}

/** The query of a line: a text that is recognised, and with a name perhaps a company after a comma. */
export function queryOf(line) {
  const field = recognise(line);
  if (field !== "name") return { [field]: line };
  const [name, ...company] = line.split(",").map((part) => part.trim());
  return company.length === 0 ? { name } : { name, company: company.join(", ") };
}

/** What to call the person of a query. */
export const person = ({ name, email, phone, socialMediaUrl }) => name ?? email ?? phone ?? socialMediaUrl;
