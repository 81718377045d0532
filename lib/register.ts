// For `node --require arena-pirate/register`: the constructors must be replaced before libraries
// capture them.
import './index.js';
