// What the pages of the inbox run.

import "./list.js";
import "./case.js";
import "./composer.js";
import "./presence.js";
import "./popup.js";
import "./palette.js";
