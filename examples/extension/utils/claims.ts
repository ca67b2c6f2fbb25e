// Claims, which make sure that each submit is sent once: see docs/durable.md. A claim is a random id and a time, and is kept for good.

/**
 * Takes a claim: resolves with false if it was taken before. IndexedDB's `add` is atomic, and a strict transaction ends when it is on
 * disk, which storage.local promises of neither.
 */
export function claim(key: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("claims");
    opening.onupgradeneeded = () => opening.result.createObjectStore("claims");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      try {
        const transaction = database.transaction("claims", "readwrite", { durability: "strict" });
        const adding = transaction.objectStore("claims").add(Date.now(), key);
        transaction.oncomplete = () => resolve(true);
        transaction.onabort = () => (adding.error?.name === "ConstraintError" ? resolve(false) : reject(transaction.error));
      } catch (error) {
        reject(error);
      }
      database.close();
    };
  });
}
