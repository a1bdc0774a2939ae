/** Give what nobody should see: sideways scrolling, parts cut off, ids, pictures without words. */
() => {
  const seen = (node) => node.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const all = [...document.querySelectorAll("body, body *")].filter(seen);
  const named = (node) => `${node.tagName.toLowerCase()}.${[...node.classList].join(".")} "${node.textContent.slice(0, 40)}"`;

  const isRoll = (node) => node.id !== "messages" && ["auto", "scroll"].includes(getComputedStyle(node).overflowX);
  const isShortened = (node) => getComputedStyle(node).textOverflow === "ellipsis";
  const mayReachOut = (node) => node && (isRoll(node) || isShortened(node) || mayReachOut(node.parentElement));
  const isCutAside = (node) => {
    const { left, right, width } = node.getBoundingClientRect();
    return width > 0 && (left < -0.5 || right > innerWidth + 0.5) && !mayReachOut(node.parentElement);
  };
  const isCutAbove = (node) => {
    const { top, bottom } = node.getBoundingClientRect();
    return node.matches("dialog, .menu, .popup, .suggest") && (top < -0.5 || bottom > innerHeight + 0.5);
  };
  const boxes = all.filter((node) => node.matches("main, #messages, dialog, aside, nav, .menu, .suggest"));
  const scrolls = [document.documentElement, ...boxes].filter((box) => box.scrollWidth > box.clientWidth);

  const told = all.flatMap((node) => ["aria-label", "alt", "title"].map((name) => node.getAttribute(name) ?? ""));
  const ids = [document.body.innerText, ...told].join("\n").match(/\d{17,20}/g) ?? [];
  const pictures = all.filter((node) => node.matches(".picture img, .thumbnail img, .lightbox img"));
  return [
    ...scrolls.map((node) => `scrolls sideways: ${named(node)}`),
    ...all.filter(isCutAside).map((node) => `cut off at the side: ${named(node)}`),
    ...all.filter(isCutAbove).map((node) => `cut off above or below: ${named(node)}`),
    ...ids.map((id) => `an id: ${id}`),
    ...pictures.filter(({ alt }) => !alt.trim()).map((node) => `no alt text: ${named(node.parentElement)}`),
  ];
}
