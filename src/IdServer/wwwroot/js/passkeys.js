// Asks the browser for a passkey, or to make one, and puts the answer into the form that asked: the server sees a form like any other.
// What needs this file is hidden until it runs in a browser that has passkeys.
(function () {
  'use strict';

  if (!window.PublicKeyCredential || !navigator.credentials || !window.fetch || !window.AbortController) {
    return;
  }

  var renewEvery = 240000; // a challenge is good for five minutes

  function decode(text) {
    var binary = window.atob(text.replace(/-/g, '+').replace(/_/g, '/'));
    return Uint8Array.from(binary, function (c) { return c.charCodeAt(0); });
  }

  function encode(buffer) {
    var binary = Array.from(new Uint8Array(buffer), function (b) { return String.fromCharCode(b); }).join('');
    return window.btoa(binary).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  }

  // The same as PublicKeyCredential's parse...OptionsFromJSON and toJSON, which not every browser has that has passkeys.
  function optionsOf(json) {
    var options = Object.assign({}, json, { challenge: decode(json.challenge) });
    if (json.user) {
      options.user = Object.assign({}, json.user, { id: decode(json.user.id) });
    }
    ['allowCredentials', 'excludeCredentials'].forEach(function (list) {
      if (json[list]) {
        options[list] = json[list].map(function (c) { return Object.assign({}, c, { id: decode(c.id) }); });
      }
    });
    return options;
  }

  function jsonOf(credential) {
    var response = {};
    ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'].forEach(function (member) {
      if (credential.response[member]) {
        response[member] = encode(credential.response[member]);
      }
    });
    if (credential.response.getTransports) {
      response.transports = credential.response.getTransports();
    }
    return JSON.stringify({
      id: credential.id,
      rawId: encode(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment || undefined,
      clientExtensionResults: {},
      response: response
    });
  }

  function send(form, credential, state) {
    form.elements['passkey-credential'].value = jsonOf(credential);
    form.elements['passkey-state'].value = state;
    form.submit();
  }

  // One question at a time, and its failure said at the form.
  function onSubmit(form, begin) {
    var place = form.querySelector('.fault');
    var busy = false;
    form.addEventListener('submit', function (event) {
      event.preventDefault();
      if (busy) {
        return;
      }
      busy = true;
      place.textContent = '';
      begin().catch(function (error) {
        place.textContent = error.name === 'InvalidStateError' ? place.dataset.exists : place.dataset.failed;
      }).then(function () {
        busy = false;
      });
    });
  }

  // Making one: the options came with the page.
  document.querySelectorAll('form[data-passkey="create"]').forEach(function (form) {
    form.hidden = false;
    onSubmit(form, function () {
      return navigator.credentials.create({ publicKey: optionsOf(JSON.parse(form.dataset.options)) }).then(function (credential) {
        send(form, credential, form.elements['passkey-state'].value);
      });
    });
  });

  document.querySelectorAll('[data-passkey="offer"]').forEach(function (element) {
    element.hidden = false;
  });
  document.querySelectorAll('[data-passkey="absent"]').forEach(function (element) {
    element.hidden = true;
  });

  // Signing in: one challenge is at hand all the time, used by the autofill of the user name or by the button, whichever comes first.
  var form = document.querySelector('form[data-passkey="get"]');
  if (!form) {
    return;
  }

  var challenge;
  var waiting;
  form.hidden = false;

  function ask(options) {
    var state = challenge.state;
    return navigator.credentials.get(options).then(function (credential) {
      send(form, credential, state);
    });
  }

  function offer() {
    if (!challenge || !document.querySelector('input[autocomplete~="webauthn"]') || !window.PublicKeyCredential.isConditionalMediationAvailable) {
      return;
    }
    window.PublicKeyCredential.isConditionalMediationAvailable().then(function (isAvailable) {
      if (isAvailable) {
        waiting = new AbortController();
        ask({ publicKey: optionsOf(challenge.options), mediation: 'conditional', signal: waiting.signal }).catch(function () {
          // Called off, or nothing was chosen: the page goes on as if there were no passkeys.
        });
      }
    });
  }

  function callOff() {
    if (waiting) {
      waiting.abort();
      waiting = null;
    }
  }

  function renew() {
    return window.fetch(form.dataset.challenge, { method: 'POST', credentials: 'same-origin', cache: 'no-store' }).then(function (response) {
      return response.ok ? response.json() : Promise.reject(new Error('no challenge'));
    }).then(function (fresh) {
      callOff();
      challenge = fresh;
      challenge.at = Date.now();
    });
  }

  onSubmit(form, function () {
    callOff();
    // A computer that slept has an old one; to renew it first may cost the click that some browsers want to see, so only then.
    return (challenge && Date.now() - challenge.at < renewEvery + 30000 ? Promise.resolve() : renew()).then(function () {
      return ask({ publicKey: optionsOf(challenge.options) });
    }).catch(function (error) {
      offer();
      throw error;
    });
  });

  function begin() {
    renew().then(offer).catch(function () {
      // The button asks again.
    });
  }

  begin();
  window.setInterval(begin, renewEvery);
  window.addEventListener('pageshow', function (event) {
    if (event.persisted) {
      begin(); // back from the cache of the browser: the challenge may be spent
    }
  });
})();
