// What every page runs.

import "./theme.js";
import "./dialog.js";
import "./toast.js";
import "./failure.js";
import "./keyboard.js";
import "./live.js";
import "./away.js";
import "./detached.js";
import "./query-field.js";
