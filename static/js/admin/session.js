// Requests of an open form to its own site, also after its login has ended and begun again.

export class LoginEnded extends Error {}

const tokens = () => document.querySelectorAll("input[name=csrfmiddlewaretoken]");

async function ask(address, options) {
  const response = await fetch(address, { ...options, redirect: "manual" });
  if (response.type === "opaqueredirect") throw new LoginEnded();
  return response;
}

// A token of the login that holds now, into every form of the page; and which of the `keys` are saved.
export async function renew({ session, user }, keys = []) {
  const address = new URL(session, location);
  for (const key of keys) address.searchParams.append("key", key);
  const response = await ask(address);
  if (!response.ok) throw new Error(response.status);
  const answer = await response.json();
  if (String(answer.user) !== user) throw new LoginEnded(); // somebody else has logged in
  for (const field of tokens()) field.value = answer.token;
  return answer;
}

export async function post(settings, pairs) {
  for (const isLast of [false, true]) {
    const response = await ask(settings.address, {
      method: "POST",
      body: new URLSearchParams(pairs),
      headers: { "X-CSRFToken": tokens()[0].value },
    });
    const isOurs = response.headers.get("Content-Type")?.startsWith("application/json");
    if (isOurs) return { status: response.status, ...(await response.json()) };
    if (response.status !== 403 || isLast) throw new Error(response.status);
    await renew(settings); // the token was that of an earlier login
  }
}
