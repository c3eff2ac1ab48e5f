// What does nothing without a script is hidden until one runs.
for (const each of document.querySelectorAll("[data-needs-script]")) each.hidden = false;
