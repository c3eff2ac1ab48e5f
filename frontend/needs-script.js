// What does nothing without a script is hidden until one runs, and what is said in its place is hidden then.
for (const each of document.querySelectorAll("[data-needs-script]")) each.hidden = false;
for (const each of document.querySelectorAll("[data-without-script]")) each.hidden = true;
