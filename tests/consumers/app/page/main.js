import * as qudao from "qudao";
import { report } from "./report.js";

report(qudao);
