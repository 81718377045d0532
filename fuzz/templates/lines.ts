/** The lines of a text, without what indents them. */
export function lines(text: TemplateStringsArray): string[] {
  return String.raw(text)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
