// For `node --import arena-pirate/register`: the constructors must be replaced before libraries
// capture them.
import './index.mjs';
