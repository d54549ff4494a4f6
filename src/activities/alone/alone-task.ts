/** What a process of its own is asked: the default export of a module, called with `input`. */
export interface AloneTask {
  /** `file:` URL. */
  readonly module: string;
  readonly input: unknown;
}

export type AloneAnswer =
  | { readonly answer: unknown }
  | {
      readonly error: {
        readonly message: string;
        readonly code?: string;
        readonly syscall?: string;
        readonly path?: string;
      };
    };
