"""Authlib (Debian's python3-authlib) as a client of IdServer: a maintained OAuth library nobody of this project wrote.

Reads one JSON object from standard input: issuer, client_id, client_secret, redirect_uri, post_logout_redirect_uri, scope, username, password.
Prints one line "ok <step>" per step and ends with 0, or says on standard error which step failed and why and ends with 1.
"""
import json
import os
import sys
from html.parser import HTMLParser
from urllib.parse import parse_qs, urljoin, urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, JsonWebToken
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata, get_well_known_url


class Forms(HTMLParser):
    """The POST forms of a page: action, fields, and the first submit button with a name."""

    def __init__(self, html):
        super().__init__()
        self.forms = []
        self.inside = False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self.inside = attributes.get("method", "get").lower() == "post"
            if self.inside:
                self.forms.append({"action": attributes.get("action", ""), "fields": {}, "types": {}, "pressed": False})
        elif self.inside and tag in ("input", "button"):
            form, name = self.forms[-1], attributes.get("name")
            kind = attributes.get("type", "submit" if tag == "button" else "text")
            if kind == "submit":
                if not form["pressed"]:
                    form["pressed"] = True
                    form["action"] = attributes.get("formaction", form["action"])
                    if name:
                        form["fields"][name] = attributes.get("value", "")
            elif name and (kind not in ("checkbox", "radio") or "checked" in attributes):
                form["fields"][name] = attributes.get("value", "")
                form["types"][name] = kind

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False


class Browser:
    """Follows redirects and submits forms as a person's browser would, until the server sends it back to the client."""

    def __init__(self, username, password):
        self.http = requests.Session()
        self.http.trust_env = False
        self.username, self.password = username, password
        self.signed_in = self.consented = False

    def visit(self, url, until):
        """The address starting with `until` that the server redirects to at last."""
        answer = self.http.get(url, allow_redirects=False)
        for _ in range(12):
            if answer.is_redirect:
                url = urljoin(url, answer.headers["Location"])
                if url.startswith(until):
                    return url
                answer = self.http.get(url, allow_redirects=False)
                continue
            expect(answer.status_code == 200, f"{url} answered {answer.status_code}: {answer.text[:600]}")
            url, answer = self.submit(url, Forms(answer.text))
        raise AssertionError(f"still not back at {until}, but at {url}")

    def submit(self, url, page):
        expect(page.forms, f"{url} has no form to post")
        form = next((f for f in page.forms if "password" in f["types"].values()), page.forms[0])
        fields = form["fields"]
        for name, kind in form["types"].items():
            if kind == "password":
                fields[name] = self.password
                self.signed_in = True
            elif kind in ("text", "email"):
                fields[name] = self.username
        self.consented = self.consented or "/consent" in url
        url = urljoin(url, form["action"] or url)
        return url, self.http.post(url, data=fields, allow_redirects=False)


os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # the server under test listens on http, on a loopback address


def expect(condition, message):
    if not condition:
        raise AssertionError(message)


def query(url):
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query, strict_parsing=True).items()}


class Journey:
    """The steps in their order; each leaves what the next ones need."""

    def __init__(self, settings):
        self.settings = settings
        self.issuer = settings["issuer"]
        self.browser = Browser(settings["username"], settings["password"])
        self.session = OAuth2Session(
            settings["client_id"], settings["client_secret"], scope=settings["scope"],
            redirect_uri=settings["redirect_uri"], code_challenge_method="S256")
        self.session.trust_env = False

    def discovery(self):
        document = self.browser.http.get(get_well_known_url(self.issuer, external=True))
        expect(document.status_code == 200, f"answered {document.status_code}")
        self.metadata = OpenIDProviderMetadata(document.json())
        for name in self.metadata.REGISTRY_KEYS:
            # Authlib wants "none" among them, which requirement 42 forbids.
            if name != "request_object_signing_alg_values_supported":
                getattr(self.metadata, f"validate_{name}")()
        expect(self.metadata["issuer"] == self.issuer, self.metadata["issuer"])
        self.keys = JsonWebKey.import_key_set(self.browser.http.get(self.metadata["jwks_uri"]).json())

    def authorization_code_with_pkce(self):
        self.nonce, verifier = generate_token(), generate_token(48)
        url, self.state = self.session.create_authorization_url(
            self.metadata["authorization_endpoint"], code_verifier=verifier, nonce=self.nonce, prompt="consent")
        back = self.browser.visit(url, self.settings["redirect_uri"])
        expect(self.browser.signed_in and self.browser.consented, "the login or the consent page was never shown")
        expect(query(back).get("iss") == self.issuer, f"iss of the authorization response: {back}")  # RFC 9207
        self.token = self.session.fetch_token(
            self.metadata["token_endpoint"], authorization_response=back, state=self.state, code_verifier=verifier)
        for member in ("access_token", "refresh_token", "id_token", "expires_in"):
            expect(member in self.token, f"{member} is missing")

    def id_token(self):
        claims = JsonWebToken(["RS256", "ES256"]).decode(
            self.token["id_token"], self.keys, claims_cls=CodeIDToken,
            claims_options={"iss": {"essential": True, "value": self.issuer},
                            "aud": {"essential": True, "value": self.settings["client_id"]}},
            claims_params={"nonce": self.nonce, "client_id": self.settings["client_id"], "access_token": self.token["access_token"]})
        claims.validate()
        self.subject = claims["sub"]

    def userinfo(self):
        answer = self.session.get(self.metadata["userinfo_endpoint"])
        expect(answer.status_code == 200, f"answered {answer.status_code}")
        expect(answer.json()["sub"] == self.subject, "another sub than in the ID token")
        expect("email" in answer.json(), "no email")

    def refresh(self):
        before = dict(self.token)
        self.token = self.session.refresh_token(self.metadata["token_endpoint"])
        expect(self.token["access_token"] != before["access_token"], "the same access token again")
        expect("refresh_token" in self.token, "no refresh token")
        self.userinfo()

    def introspect(self, token):
        answer = self.session.introspect_token(self.metadata["introspection_endpoint"], token)
        expect(answer.status_code == 200, f"answered {answer.status_code}")
        return answer.json()

    def introspection(self):
        answer = self.introspect(self.token["access_token"])
        expect(answer["active"] is True, answer)
        expect(answer["sub"] == self.subject and answer["iss"] == self.issuer, answer)

    def revocation(self):
        answer = self.session.revoke_token(self.metadata["revocation_endpoint"], self.token["refresh_token"], "refresh_token")
        expect(answer.status_code == 200, f"answered {answer.status_code}")
        for name in ("access_token", "refresh_token"):
            expect(self.introspect(self.token[name]) == {"active": False}, f"the {name} is still active")
        refused = self.browser.http.get(
            self.metadata["userinfo_endpoint"], headers={"Authorization": f"Bearer {self.token['access_token']}"})
        expect(refused.status_code == 401, f"userinfo answered {refused.status_code}")
        expect("invalid_token" in refused.headers["WWW-Authenticate"], refused.headers)

    def silent(self):
        url, _ = self.session.create_authorization_url(
            self.metadata["authorization_endpoint"], code_verifier=generate_token(48), nonce=generate_token(), prompt="none")
        return query(self.browser.visit(url, self.settings["redirect_uri"]))

    def logout(self):
        expect("code" in self.silent(), "no session before the logout")
        url = requests.Request("GET", self.metadata["end_session_endpoint"], params={
            "id_token_hint": self.token["id_token"], "state": "bye",
            "post_logout_redirect_uri": self.settings["post_logout_redirect_uri"]}).prepare().url
        back = self.browser.visit(url, self.settings["post_logout_redirect_uri"])
        expect(query(back) == {"state": "bye"}, back)
        answer = self.silent()
        expect(answer.get("error") == "login_required", answer)


def main():
    journey = Journey(json.load(sys.stdin))
    for step in ("discovery", "authorization_code_with_pkce", "id_token", "userinfo", "refresh", "introspection", "revocation", "logout"):
        try:
            getattr(journey, step)()
        except Exception as error:  # any failure of the library or of a check belongs to its step
            print(f"{step}: {type(error).__name__}: {error}", file=sys.stderr)
            return 1
        print(f"ok {step}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
