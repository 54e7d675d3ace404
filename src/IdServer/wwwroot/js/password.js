// Says how good a new password is when the person leaves the field: what it says while they type would be read aloud at every key. Comfort only: the form says the same after it was sent.
(function () {
  'use strict';

  document.querySelectorAll('[data-strength-of]').forEach(function (place) {
    var input = document.getElementById(place.dataset.strengthOf);
    var asked = 0;
    var judged = '';
    var leaves = false;

    function say(text, state) {
      place.textContent = text;
      place.dataset.state = state;
    }

    function about() {
      return Array.prototype.filter.call(input.form.elements, function (other) {
        return (other.type === 'text' || other.type === 'email') && other !== input && other.value;
      });
    }

    input.addEventListener('input', function () {
      leaves = false;
      asked++; // an answer that is on its way is about another text
      judged = '';
      say('', '');
    });

    // A hint that appears while a button is being pressed would move it away from under the finger.
    input.form.addEventListener('pointerdown', function (event) {
      leaves = event.target.closest('button[type="submit"]') !== null;
    });

    input.addEventListener('blur', function () {
      if (leaves || input.value === judged) {
        return;
      }

      judged = input.value;
      var turn = ++asked;
      var left = Number(place.dataset.minimum) - input.value.length;
      if (left > 0) {
        say(input.value ? place.dataset.left.replace('{0}', left) : '', 'weak');
        return;
      }

      var form = new URLSearchParams();
      form.append('anti-forgery', input.form.elements['anti-forgery'].value);
      form.append('password', input.value);
      about().forEach(function (other) {
        form.append('about', other.value);
      });
      fetch(place.dataset.url, { method: 'POST', body: form, redirect: 'error', referrerPolicy: 'no-referrer' }).then(function (answer) {
        return answer.ok ? answer.json() : null;
      }).then(function (strength) {
        if (strength && turn === asked) {
          say(strength.text, strength.enough ? 'good' : 'weak');
        }
      }).catch(function () {
        // Without an answer there is no hint.
      });
    });
  });
})();
