/** Talks to the API: requests with the token, if there is one, and the live events. */

const tokenKey = 'breakwater-token';

export const token = () => sessionStorage.getItem(tokenKey);
export const setToken = (value) => sessionStorage.setItem(tokenKey, value);

const headers = () => token() ? { Authorization: `Bearer ${token()}` } : {};

/** Thrown for an answer that is no success; `status` 401 means that a token is wanted. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function request(path, signal, method = 'GET') {
  const response = await fetch(`api/v1/${path}`, { method, headers: headers(), signal });
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  throw new ApiError(response.status, problem.detail ?? `HTTP ${response.status}`);
}

export const get = async (path) => (await request(path)).json();
export const post = async (path) => { await request(path, undefined, 'POST'); };
export const getText = async (path) => (await request(path)).text();
export const getFile = async (path) => (await request(path)).blob();

/**
 * Follows the live events for ever, connecting again after each failure.
 * EventSource would do, but cannot send a token.
 */
export async function follow({ onEvent, onConnected, onLost }) {
  for (let pause = 1000; ; pause = Math.min(pause * 2, 15000)) {
    try {
      const aborted = new AbortController();
      const response = await request('events', aborted.signal);
      onConnected();
      pause = 1000;
      await read(response.body.getReader(), onEvent, aborted);
      onLost(new Error('the server ended the connection'));
    } catch (problem) {
      onLost(problem);
      if (problem.status === 401) return;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** A traffic event comes every second and a comment every 15: silence beyond that is a dead connection. */
async function read(reader, onEvent, aborted) {
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const watchdog = setTimeout(() => aborted.abort(), 40000);
    const { done, value } = await reader.read().finally(() => clearTimeout(watchdog));
    if (done) return;
    text += decoder.decode(value, { stream: true });
    const parts = text.split('\n\n');
    text = parts.pop();
    for (const part of parts) {
      const event = /^event: (.*)$/m.exec(part);
      const data = /^data: (.*)$/m.exec(part);
      if (event && data) onEvent(event[1], JSON.parse(data[1]));
    }
  }
}
