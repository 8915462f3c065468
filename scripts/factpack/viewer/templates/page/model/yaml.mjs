const PLAIN = /^[\p{L}\p{N}“‘„«][^\p{Cc}\p{Cs}\u2028\u2029\ufeff]*$/u;
const ESCAPED = /[\x7f-\x9f\u2028\u2029\ufeff]/g;

/** Whether other programs would take a text for a number, a date or a truth value, or YAML for a key or a comment. */
const misread = (text) => /: |:$|\s#|\s$|\uffff|\ufffe/.test(text) || /^(?:y|n|yes|no|on|off|true|false|null|none)$/i.test(text) || /^[0-9][\w.,:+-]*$/.test(text);

/** A text as a scalar of YAML. */
export function scalar(text) {
  if (PLAIN.test(text) && !misread(text)) return text;
  return JSON.stringify(text).replace(ESCAPED, (sign) => `\\u${sign.codePointAt(0).toString(16).padStart(4, "0")}`);
}

function lines(key, value, indent) {
  if (!Array.isArray(value)) return [`${indent}${key}: ${scalar(String(value))}`];
  if (value.every((each) => typeof each === "string")) return [`${indent}${key}: [${value.map((each) => JSON.stringify(each)).join(", ")}]`];
  return [`${indent}${key}:`, ...value.flatMap((each) => item(each, `${indent}  `))];
}

/** A record as an item of a list. */
function item(record, indent) {
  const all = Object.entries(record).flatMap(([key, value]) => lines(key, value, `${indent}  `));
  return [`${indent}- ${all[0].trimStart()}`, ...all.slice(1)];
}

/** A record as it is pasted into a list of an annotation file. */
export const toYaml = (record) => `${item(record, "  ").join("\n")}\n`;
