/** What `npm run inspector` has written into `built.js`: the files of the page, as they are served. */
export declare const files: readonly { path: string; type: string; brotli: string }[];
