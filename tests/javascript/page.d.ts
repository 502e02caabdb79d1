// The types of what the scripts of the page share with each other, with Gradio and with the server.

// What Gradio gives to the script of a component (`js_on_load` of `gr.HTML`).
declare const element: HTMLElement;
declare const props: any;
declare const server: ServerFunctions;
declare function trigger(event: string, data: object): void;
declare function watch(name: "value", run: () => void): void;

interface Window {
  footnote: Footnote;
}

interface Footnote {
  counted(count: number, noun: string): string;
  callsOf(server: ServerFunctions, report: (message: string) => void): Calls;
  latestOnly(): { begin(): () => boolean };
  announcement(notice: string, claims: string[], otherwise: string): string;
  geometry: Geometry;
  find<K extends keyof HTMLElementTagNameMap>(root: ParentNode, selector: K): HTMLElementTagNameMap[K];
  find(root: ParentNode, selector: string): HTMLElement;
  around(event: Event, selector: string): HTMLElement | null;
  calls(server: ServerFunctions): Calls;
  fillChoice(select: HTMLSelectElement, all: string, offered: [string, string][]): void;
  download(name: string, text: string): void;
  copy(text: string): Promise<void>;
  panel(box: HTMLElement, actions: PanelActions): { show(html: string, from?: HTMLElement): void; close(): void };
  theme(name?: string): void;
}

interface PanelActions {
  read(paper: string): Promise<string>;
  askAbout(ids: string[]): void;
  remove?(ids: string[]): void;
}

// The methods of assistant/web/views that the scripts call; each takes and gives JSON.
type ServerFunctions = Record<string, (data: object) => Promise<any>>;

interface Calls {
  paper(data: { paper: string; can_remove?: boolean }): Promise<string>;
  source(data: { turn: string; marker: number; start: number }): Promise<string>;
  copy_text(data: { turn: string }): Promise<string>;
  rate(data: { turn: string; rating: number; note: string | null }): Promise<string>;
  export(data: { conversation: string; format: string }): Promise<{ name: string; text: string } | null>;
  save(data: { turn: string }): Promise<string>;
  saved(data: {}): Promise<SavedList>;
  progress(data: {}): Promise<{ message: string; running: boolean; asked: number }>;
  ask_saved(data: {}): Promise<null>;
  stop_saved(data: {}): Promise<null>;
  mark_seen(data: { id: number; answered: string }): Promise<null>;
  remove_saved(data: { id: number }): Promise<null>;
  cited(data: { id: number; marker: number; paper: string; start: number }): Promise<string>;
  search_conversations(data: { text: string }): Promise<ConversationRow[]>;
  rename_conversation(data: { id: string; title: string }): Promise<null>;
  delete_conversation(data: { id: string }): Promise<null>;
  find(data: PaperSearch): Promise<{ html: string; total: number; message: string }>;
  sources(data: {}): Promise<{ names: [string, string][]; years: [number, number] | null }>;
  collections(data: {}): Promise<{ names: [string, string][] }>;
  remove_papers(data: { ids: string[] }): Promise<string>;
  samples(data: {}): Promise<{ ids: string[] }>;
  remove_samples(data: {}): Promise<string>;
  map(data: { have: string }): Promise<ReadyMap | { state: "same" } | { state: "computing" | "failed"; message: string }>;
  paper_at(data: { point: number; fingerprint: string }): Promise<string>;
  papers_at(data: { points: number[]; fingerprint: string }): Promise<string[]>;
  points(data: { ids: string[]; fingerprint: string }): Promise<number[]>;
  folders(data: {}): Promise<{ folders: WatchedFolder[]; lines: { time: string; name: string; what: string }[] }>;
  watch_folder(data: WatchedFolder): Promise<string>;
  forget_folder(data: { folder: string }): Promise<string>;
  reports(data: {}): Promise<ReportRow[]>;
  report(data: { name: string }): Promise<string>;
}

interface WatchedFolder {
  folder: string;
  collection: string;
}

interface PaperSearch {
  query: string;
  order: string;
  from: string;
  to: string;
  source: string;
  collection: string;
  first: number;
}

interface Turn {
  id: string;
  html: string;
  done: boolean;
}

interface Conversation {
  conversation: string;
  turns: Turn[];
}

interface ConversationRow {
  id: string;
  title: string;
  updated: string;
}

interface ConversationList {
  rows: ConversationRow[];
  current: string;
}

interface SavedList {
  rows: { id: number; html: string }[];
  message: string;
  running: boolean;
  asked: number;
}

interface ReportRow {
  name: string;
  created: string;
  headline: string;
}

// The map.
type Point = [number, number];

interface View {
  x: number;
  y: number;
  zoom: number;
}

interface Frame {
  width: number;
  height: number;
}

interface Label {
  text: string;
  x: number;
  y: number;
  halfWidth: number;
}

interface Cluster {
  label: string;
  x: number;
  y: number;
  size: number;
}

interface ReadyMap {
  state: "ready";
  fingerprint: string;
  positions: string;
  cluster_of: number[];
  clusters: Cluster[];
  titles: string[];
  message: string;
}

interface CorpusMap extends ReadyMap {
  places: Uint16Array;
}

interface Geometry {
  unpacked(base64: string): Uint16Array;
  toScreen(x: number, y: number, view: View, frame: Frame): Point;
  paperToScreen(positions: Uint16Array, paper: number, view: View, frame: Frame): Point;
  zoomed(view: View, factor: number, pixel: Point): View;
  nearestPaper(positions: Uint16Array, view: View, frame: Frame, pixel: Point, radius: number): number;
  papersInside(positions: Uint16Array, view: View, frame: Frame, corners: Point[]): number[];
  isInside(point: Point, corners: Point[]): boolean;
  fittingLabels(labels: Label[], frame: Frame): Label[];
  dotRadius(zoom: number, count: number): number;
}
