/* The player in a notebook (player.js): an anywidget. */

import { themeOfNotebook } from "./notebook.js";
import { createPlayer } from "./player.js";

export default {
  render({ model, el }) {
    const mount = document.createElement("div");
    el.replaceChildren(mount);
    const player = createPlayer(mount, model.get("payload"), {
      step: model.get("step"),
      theme: themeOfNotebook(),
      onStep(step, { playing }) {
        if (playing) return;
        model.set("step", step);
        model.save_changes();
      },
      onSample: (delta) => model.send({ kind: "sample", delta }),
      // Read each time they are wanted: another sequence may answer other questions.
      get onWhatIf() {
        return model.get("can_branch") ? (step) => model.send({ kind: "whatif", step }) : undefined;
      },
      get onBranch() {
        return model.get("can_branch") ? (step, line) => model.send({ kind: "branch", step, line }) : undefined;
      },
    });
    const onPayload = () => player.update(model.get("payload"), { step: model.get("step") });
    const onStep = () => {
      if (player.step !== model.get("step")) player.setStep(model.get("step"));
    };
    const onMessage = (message) => {
      if (message.kind === "closures") player.addWhatIf(message.id, message.step, message.state);
    };
    model.on("change:payload", onPayload);
    model.on("change:step", onStep);
    model.on("msg:custom", onMessage);
    return () => {
      model.off("change:payload", onPayload);
      model.off("change:step", onStep);
      model.off("msg:custom", onMessage);
      player.destroy();
    };
  },
};
