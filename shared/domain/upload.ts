// Files that an attempt leaves, on their way to where they are kept.

export interface AnnouncedFile {
  /** Relative, with `/`. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly contentType: string;
}

/** Where to PUT something without us, and without a token. */
export interface Upload {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}
