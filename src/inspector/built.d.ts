/** A file of the page as it was built. */
export interface BuiltFile {
  /** Where it is, below `/ui/`. */
  path: string;
  type: string;
  /** Compressed with brotli, in base64. */
  brotli: string;
}

/** What `npm run inspector` has written into `built.js`. */
export declare const files: readonly BuiltFile[];
