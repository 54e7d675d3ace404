"use strict";

const element = (id) => document.getElementById(id);
let client;
let api;

function translate() {
  document.documentElement.lang = language;
  document.title = texts.title;
  for (const place of document.querySelectorAll("[data-text]")) place.textContent = texts[place.dataset.text];
}

function show() {
  element("signed-out").hidden = client?.signedIn ?? false;
  element("signed-in").hidden = !client?.signedIn;
  if (client?.signedIn) {
    const until = new Date(client.expiresAt);
    element("expires-at").dateTime = until.toISOString();
    element("expires-at").textContent = until.toLocaleTimeString(language);
  }
}

function explain(failure) {
  const known = { access_denied: texts.denied, invalid_grant: texts.ended };
  // fetch rejects with a TypeError when nobody answers
  return failure instanceof TypeError ? texts.noAnswer : known[failure.code] ?? (client?.signedIn ? texts.noAnswer : texts.failed);
}

// Runs one thing at a time and says what went wrong.
async function run(work, done = "") {
  const buttons = document.querySelectorAll("button");
  for (const button of buttons) button.disabled = true;
  element("notice").textContent = "";
  try {
    await work();
    element("notice").textContent = done;
  } catch (failure) {
    element("notice").textContent = explain(failure);
  }
  for (const button of buttons) button.disabled = false;
  show();
}

async function showProfile() {
  const person = await client.userInfo();
  element("name").textContent = element("profile-name").textContent = person.name ?? person.email ?? person.sub;
  element("profile-email").textContent = person.email ?? "";
  element("profile-sub").textContent = person.sub;
}

async function callApi(path) {
  const response = await client.fetch(api + path);
  element("answer-path").textContent = path;
  element("answer-status").textContent = response.status;
  element("answer-status").className = "status " + (response.ok ? "good" : "bad");
  element("answer").textContent = JSON.stringify(await response.json(), null, 2);
  element("answer-box").hidden = false;
}

async function connect() {
  const settings = await (await fetch("/spa/settings.json")).json();
  api = settings.api;
  client = await OAuthClient.discover(settings, location.origin + "/spa/");
}

async function start() {
  await connect();
  if (await client.finishSignIn()) await showProfile();
}

async function signIn() {
  if (!client) await connect(); // the server did not answer when the page was opened
  await client.signIn(language);
}

translate();
const left = location.search === "?state=signed-out";
if (left) history.replaceState(null, "", location.pathname);
element("sign-in").addEventListener("click", () => run(signIn));
element("refresh").addEventListener("click", () => run(() => client.refresh(), texts.refreshed));
element("sign-out").addEventListener("click", () => run(() => client.signOut(language)));
for (const button of document.querySelectorAll("[data-path]")) button.addEventListener("click", () => run(() => callApi(button.dataset.path)));
run(start, left ? texts.signedOut : "");
