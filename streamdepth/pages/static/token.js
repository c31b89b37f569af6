// Asks a viewer for the token of a service, where the address has none or a wrong one.

import { hasToken, keepToken } from "./asking.js";

/** A form with a field for it. `onGiven` is called once the viewer gave one. */
export class TokenForm {
  constructor(form, onGiven) {
    this.form = form;
    this.field = form.querySelector("input");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      keepToken(this.field.value.trim());
      this.hide();
      onGiven();
    });
  }

  /** Shows it; what there is to say of a token that was given before, and is wrong. */
  ask() {
    const fresh = this.form.hidden;
    this.form.hidden = false;
    if (fresh) this.field.select();
    return hasToken() ? "That token is wrong." : "";
  }

  hide() {
    this.form.hidden = true;
  }
}
