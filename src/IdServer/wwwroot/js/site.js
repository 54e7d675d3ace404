// Comfort only: every page works without this file. Plain old script, so that any browser can read it.
(function () {
  'use strict';

  var words = document.currentScript.dataset;

  // A button that shows what was typed into a password field.
  document.querySelectorAll('input[type="password"]').forEach(function (input) {
    var button = document.createElement('button');
    button.type = 'button';
    button.className = 'reveal';
    button.setAttribute('aria-controls', input.id);

    function say() {
      button.textContent = input.type === 'password' ? words.show : words.hide;
      button.setAttribute('aria-label', button.textContent + ' ' + input.labels[0].textContent.toLowerCase());
    }

    button.addEventListener('click', function () {
      input.type = input.type === 'password' ? 'text' : 'password';
      say();
    });
    say();
    input.parentNode.classList.add('with-reveal');
    input.insertAdjacentElement('afterend', button);

    // A password manager must see a password field when the form leaves.
    input.form.addEventListener('submit', function () {
      input.type = 'password';
      say();
    });
  });

  // Printing needs a script, so the button is there only with one.
  document.querySelectorAll('[data-print]').forEach(function (button) {
    button.hidden = false;
    button.addEventListener('click', function () {
      window.print();
    });
  });

  // A second click while the first is on its way must not send the form again.
  document.querySelectorAll('form').forEach(function (form) {
    var sent = false;
    form.addEventListener('submit', function (event) {
      if (sent) {
        event.preventDefault();
      }
      sent = true;
      window.setTimeout(function () {
        sent = false; // whoever stopped the loading may try again
      }, 4000);
    });
    // Back from the cache of the browser: the form is fresh again.
    window.addEventListener('pageshow', function () {
      sent = false;
    });
  });
})();
