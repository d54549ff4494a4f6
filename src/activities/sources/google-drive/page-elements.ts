import { type Token, type TokenHandler, Tokenizer, TokenizerMode } from 'parse5';

/** An element as its start tag has it. */
export interface PageElement {
  readonly tagName: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** The form that it stands in, by the order of the tags. */
  readonly form: PageElement | undefined;
}

/** What a page holds, in the order of its text. */
export interface Page {
  /** One line of at most 80 characters. */
  readonly title: string;
  readonly text: string;
  readonly scripts: string;
  readonly elements: readonly PageElement[];
  /** What each element is followed by, up to the next one; of `title`, `script` and the like, what is in it. */
  readonly said: readonly string[];
}

/** Drive's largest page has some hundred elements; what comes behind these is not looked at. */
const MOST_ELEMENTS = 2_000;

/** Elements whose content is no markup, and how it is read. */
const contentModes: ReadonlyMap<string, Tokenizer['state']> = new Map([
  ['title', TokenizerMode.RCDATA],
  ['textarea', TokenizerMode.RCDATA],
  ['script', TokenizerMode.SCRIPT_DATA],
  ['style', TokenizerMode.RAWTEXT],
  ['xmp', TokenizerMode.RAWTEXT],
  ['noscript', TokenizerMode.RAWTEXT],
  ['iframe', TokenizerMode.RAWTEXT],
  ['noembed', TokenizerMode.RAWTEXT],
  ['noframes', TokenizerMode.RAWTEXT],
  ['plaintext', TokenizerMode.PLAINTEXT],
]);

/**
 * Reads a page tag by tag, in time that grows with its length alone. No tree is built: a browser's mends what does not
 * close, and a page of 18 KB can ask it for a million elements.
 */
export function collectPage(html: string): Page {
  const page = new PageCollector();
  page.tokenizer.write(html, true);
  return page.collected();
}

class PageCollector implements TokenHandler {
  readonly tokenizer = new Tokenizer({ sourceCodeLocationInfo: false }, this);
  readonly #elements: PageElement[] = [];
  readonly #title: string[] = [];
  readonly #text: string[] = [];
  readonly #scripts: string[] = [];
  readonly #said: string[] = [];
  /** Of the element whose content is no markup, while it is open. */
  #within: string | undefined;
  #form: PageElement | undefined;

  collected(): Page {
    return {
      title: this.#title.join('').replace(/\s+/g, ' ').trim().slice(0, 80),
      text: this.#text.join('').replace(/\s+/g, ' '),
      scripts: this.#scripts.join(''),
      elements: this.#elements,
      said: this.#said,
    };
  }

  onStartTag({ tagName, attrs }: Token.TagToken): void {
    const attributes = new Map(attrs.map(({ name, value }) => [name, value]));
    const element: PageElement = { tagName, attributes, form: this.#form };
    this.#elements.push(element);
    this.#said.push('');
    this.#text.push(' ');
    if (this.#elements.length === MOST_ELEMENTS) this.tokenizer.pause();
    // A form within a form is none.
    if (tagName === 'form') this.#form ??= element;
    const mode = contentModes.get(tagName);
    if (mode === undefined) return;
    this.#within = tagName;
    this.tokenizer.lastStartTagName = tagName;
    this.tokenizer.state = mode;
  }

  onEndTag({ tagName }: Token.TagToken): void {
    if (tagName === 'form') this.#form = undefined;
    if (tagName === this.#within) this.#within = undefined;
    if (tagName === 'script') this.#scripts.push('\n');
    this.#say(' ');
  }

  onCharacter({ chars }: Token.CharacterToken): void {
    this.#say(chars);
    if (this.#within === 'title') this.#title.push(chars);
    else if (this.#within === 'script') this.#scripts.push(chars);
    else this.#text.push(chars);
  }

  onWhitespaceCharacter(token: Token.CharacterToken): void {
    this.onCharacter(token);
  }

  #say(chars: string): void {
    const last = this.#said.length - 1;
    if (last >= 0) this.#said[last] += chars;
  }

  onNullCharacter(): void {}

  onComment(): void {}

  onDoctype(): void {}

  onEof(): void {}
}
