/* The exercise in a notebook (predict.js): an anywidget. */

import { themeOfNotebook } from "./notebook.js";
import { createPredict } from "./predict.js";

export default {
  render({ model, el }) {
    const mount = document.createElement("div");
    el.replaceChildren(mount);
    const predict = createPredict(mount, model.get("payload"), {
      theme: themeOfNotebook(),
      round: model.get("round"),
      answers: model.get("answers"),
      onChange({ round, chosen, answers }) {
        model.set("round", round);
        model.set("chosen", chosen);
        model.set("answers", answers);
        model.save_changes();
      },
    });
    const onRound = () => predict.setRound(model.get("round"));
    model.on("change:round", onRound);
    return () => {
      model.off("change:round", onRound);
      predict.destroy();
    };
  },
};
