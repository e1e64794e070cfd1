/** Registers the page's elements and finds them. */
import type { Panel } from "../dom";
import { Access } from "./access";
import { Campaign } from "./campaign";
import { Card } from "./card";
import { Changes } from "./changes";
import { Edit } from "./edit";
import { Files } from "./files";
import { Filters } from "./filters";
import { Legend } from "./legend";
import { Life } from "./life";
import { NoticePanel } from "./notice";
import { Progress } from "./progress";
import { Readiness } from "./readiness";
import { Requests } from "./requests";
import { Results } from "./results";
import { Summary } from "./summary";
import { Toolbar } from "./toolbar";
import { Unserved } from "./unserved";
import { Week } from "./week";

const elements = {
  "jb-toolbar": Toolbar,
  "jb-access": Access,
  "jb-notice": NoticePanel,
  "jb-life": Life,
  "jb-summary": Summary,
  "jb-changes": Changes,
  "jb-edit": Edit,
  "jb-filters": Filters,
  "jb-week": Week,
  "jb-unserved": Unserved,
  "jb-readiness": Readiness,
  "jb-results": Results,
  "jb-requests": Requests,
  "jb-files": Files,
  "jb-progress": Progress,
  "jb-campaign": Campaign,
  "jb-card": Card,
  "jb-legend": Legend,
} as const;

export function definePanels(): readonly Panel[] {
  for (const [name, element] of Object.entries(elements)) customElements.define(name, element);
  return [...document.querySelectorAll<Panel>(Object.keys(elements).join(", "))];
}
