// What the theme adds after loading gets the names that a screen reader needs.
function named() {
  document.querySelectorAll("nav.md-code__nav").forEach((nav, number) => {
    nav.ariaLabel = `Code block ${number + 1}`;
  });
  document.querySelectorAll(".md-typeset__scrollwrap, pre > code, .screen").forEach((box) => {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  });
}
document.addEventListener("DOMContentLoaded", () => {
  named();
  new MutationObserver(named).observe(document.body, { childList: true, subtree: true });
  window.addEventListener("resize", named);
});
