// Ticks the demands on a password while one types. The server judges; without this file the list is just read.
// "Own words" is measured as Django's UserAttributeSimilarityValidator does: letters in common, in any order.
(() => {
  const list = document.getElementById("password-demands");
  const password = document.getElementById("id_password");
  const repeat = document.getElementById("id_repeat");
  if (!list || !password || !repeat) return;

  const own = list.dataset.own.toLowerCase().split(/\s+/)
    .flatMap((word) => [word, ...word.split(/[^\p{L}\p{N}_]+/u)]).filter(Boolean);

  const ratio = (a, b) => {
    const left = [...b];
    const common = [...a].filter((letter) => {
      const at = left.indexOf(letter);
      if (at >= 0) left.splice(at, 1);
      return at >= 0;
    });
    return (2 * common.length) / (a.length + b.length);
  };

  const demands = {
    length: () => [...password.value].length >= 12,
    own: () => password.value !== "" && own.every((word) => ratio(password.value.toLowerCase(), word) < 0.7),
    repeat: () => password.value !== "" && password.value === repeat.value,
  };

  const look = () => {
    for (const item of list.querySelectorAll("[data-demand]")) {
      const isMet = demands[item.dataset.demand]();
      item.classList.toggle("is-met", isMet);
      item.querySelector(".visually-hidden")?.remove();
      if (!isMet) continue;
      const word = document.createElement("span");
      word.className = "visually-hidden";
      word.textContent = ` (${list.dataset.met})`;
      item.append(word);
    }
  };
  password.addEventListener("input", look);
  repeat.addEventListener("input", look);
})();
