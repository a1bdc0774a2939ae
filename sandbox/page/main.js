/** The page: its parts are put together here, and the socket is opened. */
import { showComposer } from "./composer.js";
import { showMessages } from "./messages.js";
import { showModals } from "./modal.js";
import { showPanel } from "./panel.js";
import { showSidebar } from "./sidebar.js";
import { connect, on } from "./store.js";

const RECONNECTING_MS = 1200;
const connection = document.getElementById("connection");
let timer = null;

showSidebar();
showMessages(showComposer());
showModals();
showPanel();
on("connection", (isOpen) => {
  clearTimeout(timer);
  if (isOpen) connection.hidden = true;
  else timer = setTimeout(() => {
    connection.textContent = "The sandbox is out of reach. Trying again…";
    connection.hidden = false;
  }, RECONNECTING_MS);
});
connect(null);
