// Usage: npm run ready
// The very thing that CI runs: every check and every suite of `npm test`.
import './test.mjs';
