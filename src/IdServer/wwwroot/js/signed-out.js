// Goes on as soon as every application has been told: the load event waits for the frames. Without scripts the Refresh header does it after some seconds.
window.addEventListener('load', function () {
  window.location.replace(document.getElementById('signed-out-continue').href);
});
