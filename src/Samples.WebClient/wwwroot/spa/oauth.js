"use strict";

// A public client in the browser: authorization code with PKCE (RFC 7636), tokens in the private fields of one object and nowhere else.
// sessionStorage holds state, nonce and code verifier just while the person is at the server.
class OAuthClient {
  #settings;
  #metadata;
  #redirectUri;
  #tokens = null;
  #refreshing = null;

  static async discover(settings, redirectUri) {
    const client = new OAuthClient();
    client.#settings = settings;
    client.#redirectUri = redirectUri;
    client.#metadata = await (await fetch(settings.issuer + "/.well-known/openid-configuration")).json();
    // OIDC Discovery §4.3
    if (client.#metadata.issuer !== settings.issuer) throw new OAuthFailure("issuer_mismatch");
    return client;
  }

  get signedIn() { return this.#tokens !== null; }
  get expiresAt() { return this.#tokens.expiresAt; }

  async signIn(uiLocales) {
    const pending = { state: randomText(), nonce: randomText(), verifier: randomText() };
    sessionStorage.setItem("spa.pending", JSON.stringify(pending));
    const challenge = base64Url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(pending.verifier))));
    location.assign(withQuery(this.#metadata.authorization_endpoint, {
      response_type: "code",
      client_id: this.#settings.clientId,
      redirect_uri: this.#redirectUri,
      scope: this.#settings.scope,
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: challenge,
      code_challenge_method: "S256",
      ui_locales: uiLocales,
    }));
  }

  // Takes the answer out of the address bar. True when there was one and it signed the person in.
  async finishSignIn() {
    const answer = new URLSearchParams(location.search);
    const pending = JSON.parse(sessionStorage.getItem("spa.pending") ?? "null");
    sessionStorage.removeItem("spa.pending");
    if (!answer.has("code") && !answer.has("error")) return false;
    history.replaceState(null, "", location.pathname);

    if (pending === null || answer.get("state") !== pending.state) throw new OAuthFailure("state_mismatch"); // RFC 6749 §10.12
    if (answer.get("iss") !== this.#settings.issuer) throw new OAuthFailure("issuer_mismatch"); // RFC 9207 §2.4
    if (answer.has("error")) throw new OAuthFailure(answer.get("error"));
    await this.#requestTokens({
      grant_type: "authorization_code",
      code: answer.get("code"),
      redirect_uri: this.#redirectUri,
      code_verifier: pending.verifier,
    });
    this.#checkIdToken(pending.nonce);
    return true;
  }

  async userInfo() {
    const response = await this.fetch(this.#metadata.userinfo_endpoint);
    if (!response.ok) throw new OAuthFailure("userinfo");
    return await response.json();
  }

  // With the access token; when it is refused as expired, refreshed and tried once more.
  async fetch(url) {
    if (this.#tokens.expiresAt - Date.now() < 30_000) await this.refresh();
    const send = () => fetch(url, { headers: { Authorization: "Bearer " + this.#tokens.access, "Accept-Language": document.documentElement.lang } });
    const response = await send();
    if (response.status !== 401) return response;
    await this.refresh();
    return await send();
  }

  // Several callers share one request: the refresh token changes with each use.
  refresh() {
    this.#refreshing ??= this.#requestTokens({ grant_type: "refresh_token", refresh_token: this.#tokens.refresh }).finally(() => { this.#refreshing = null; });
    return this.#refreshing;
  }

  // Revokes the grant (RFC 7009), then leaves the page for the server's end of session (OIDC RP-Initiated Logout §2).
  async signOut(uiLocales) {
    const { id, refresh } = this.#tokens;
    const revoked = await this.#post(this.#metadata.revocation_endpoint, { token: refresh, token_type_hint: "refresh_token" });
    if (!revoked.ok) throw new OAuthFailure("revocation");
    this.#tokens = null;
    location.assign(withQuery(this.#metadata.end_session_endpoint, {
      id_token_hint: id,
      post_logout_redirect_uri: this.#redirectUri,
      state: "signed-out",
      ui_locales: uiLocales,
    }));
  }

  async #requestTokens(form) {
    const response = await this.#post(this.#metadata.token_endpoint, form);
    const body = await response.json();
    if (!response.ok) {
      if (body.error === "invalid_grant") this.#tokens = null; // RFC 6749 §5.2: the server ended it
      throw new OAuthFailure(body.error);
    }
    this.#tokens = {
      access: body.access_token,
      refresh: body.refresh_token ?? this.#tokens?.refresh,
      id: body.id_token ?? this.#tokens?.id,
      expiresAt: Date.now() + body.expires_in * 1000,
    };
  }

  // OIDC Core §3.1.3.7; step 6: the token came straight from the server over a protected connection, which stands in for its signature.
  #checkIdToken(nonce) {
    const payload = this.#tokens.id.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const claims = JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(payload), (c) => c.charCodeAt(0))));
    const good = claims.iss === this.#settings.issuer && [claims.aud].flat().includes(this.#settings.clientId)
      && claims.nonce === nonce && claims.exp * 1000 > Date.now() - 60_000;
    if (!good) {
      this.#tokens = null;
      throw new OAuthFailure("id_token");
    }
  }

  #post(url, form) {
    return fetch(url, { method: "POST", body: new URLSearchParams({ client_id: this.#settings.clientId, ...form }) });
  }
}

class OAuthFailure extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

function withQuery(address, parameters) {
  return address + "?" + new URLSearchParams(parameters);
}

function randomText() {
  return base64Url(crypto.getRandomValues(new Uint8Array(32)));
}

function base64Url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
