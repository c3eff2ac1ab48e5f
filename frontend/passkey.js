// Says in words why a passkey did not work. The browser tells a script alone, and the words are the page's.
document.addEventListener("allauth.error", (event) => {
  const place = document.getElementById("passkey-problem");
  if (!place) return;
  event.preventDefault();
  const { stopped, held, other } = place.dataset;
  const said = { NotAllowedError: stopped, AbortError: stopped, InvalidStateError: held };
  const line = document.createElement("p");
  line.className = "govuk-error-message";
  line.textContent = said[event.detail.exception.name] ?? other;
  place.replaceChildren(line);
});
