import * as qudao from "/node_modules/qudao/browser.js";
import { report } from "./report.js";

report(qudao);
