// The table, the lists under it, and the verdict, in the order in which they are read.
#include "reports/console.hpp"

#include <algorithm>
#include <sstream>
#include <vector>

#include "core/registry.hpp"
#include "core/view.hpp"
#include "record/report.hpp"
#include "reports/capacity.hpp"
#include "reports/format.hpp"
#include "reports/gate.hpp"
#include "reports/summary.hpp"
#include "reports/variant_table.hpp"

namespace seatrial::reports {

namespace {

constexpr std::size_t least_width = 40;
constexpr std::string_view none = table_none;

enum class Ink { plain, bold, dim, good, bad, warn };

class Text {
 public:
  explicit Text(const ConsoleStyle& style)
      : colour_(style.colour), width_(std::max(style.width, least_width)) {}

  [[nodiscard]] std::size_t width() const { return width_; }

  // What a record says steers no terminal: only what is said through here has colours, if any.
  [[nodiscard]] std::string ink(Ink ink, const std::string& text) const {
    if (!colour_ || ink == Ink::plain) return one_line(text);
    static constexpr const char* codes[] = {"", "1", "2", "1;32", "1;31", "1;33"};
    return std::string("\x1b[") + codes[static_cast<int>(ink)] + "m" + one_line(text) + "\x1b[0m";
  }
  // `inked`: parts of one line, each by `ink`.
  void line(const std::string& inked = "") { out_ += inked + "\n"; }
  void line(Ink ink_of_all, const std::string& text) { line(ink(ink_of_all, text)); }
  void heading(const std::string& text) {
    line();
    line(Ink::bold, text);
  }
  void wrapped(Ink ink_of_all, const std::string& text, const std::string& indent = "") {
    for (const auto& each : wrap(one_line(text), width_ - indent.size()))
      line(ink_of_all, indent + each);
  }
  // Wrapped under `first`, further lines indented to where the text began.
  void paragraph(const std::string& first, Ink first_ink, const std::string& text) {
    const bool apart = width_of(first) > width_ / 2;
    if (apart) line(first_ink, clip(one_line(first), width_));
    const auto indent = apart ? std::size_t{4} : width_of(first);
    std::vector<std::string> lines;
    std::istringstream own(text);  // the last lines of a log stay lines
    for (std::string one; std::getline(own, one);)
      for (auto& part : wrap(one_line(one), width_ - indent)) lines.push_back(std::move(part));
    if (lines.empty()) lines.emplace_back();
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const bool leads = i == 0 && !apart;
      line((leads ? ink(first_ink, first) : std::string(indent, ' ')) + lines[i]);
    }
  }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  bool colour_;
  std::size_t width_;
  std::string out_;
};

Ink verdict_ink(const std::string& verdict) {
  if (verdict == "pass" || verdict == "held") return Ink::good;
  if (verdict == "fail" || verdict == "failed") return Ink::bad;
  return Ink::warn;
}

std::size_t total_width(const std::vector<TableColumn>& columns, std::size_t gap) {
  std::size_t width = 0;
  for (const auto& column : columns) width += gap + column.width();
  return width;
}

// A name that leaves no room for the numbers stands on a line of its own above them.
void print_table(Text& text, const std::vector<VariantRow>& rows,
                 const std::vector<TableColumn>& columns, std::size_t gap) {
  std::size_t name_width = width_of("variant");
  const auto taken = total_width(columns, gap) + 2;
  const std::string between(gap, ' ');
  const auto room = text.width() > taken ? text.width() - taken : 0;
  for (const auto& row : rows) {
    const auto width = width_of(row.name);
    if (width <= room) name_width = std::max(name_width, width);
  }
  auto header = "  " + pad_right("variant", name_width);
  for (const auto& column : columns) header += between + pad_left(column.header, column.width());
  text.line(Ink::dim, header);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto name = one_line(rows[i].name);
    const bool fits = width_of(name) <= name_width;
    if (!fits) text.line("  " + clip(name, text.width() - 2));
    auto line = "  " + pad_right(fits ? name : "", name_width);
    for (const auto& column : columns) {
      const auto cell = pad_left(column.cells[i], column.width());
      Ink ink = Ink::plain;
      if (column.header == "verdict") ink = verdict_ink(rows[i].verdict.text());
      if (column.header == "lost" && rows[i].acked_lost.integer().value_or(0) > 0) ink = Ink::bad;
      line += between + text.ink(ink, cell);
    }
    text.line(line);
  }
}

// What clients were answered for messages that were not acked, by the client's own names.
void print_errors(Text& text, const View& record) {
  for (const auto& variant : record["variants"].items()) {
    std::vector<std::string> errors;
    for (const auto& [name, count] : variant["errors"].entries()) {
      errors.push_back(count_text(count, none) + " " + name);
    }
    if (errors.empty()) continue;
    text.paragraph("  " + variant["variant"].text("?") + ": ", Ink::bad,
                   "errors: " + join(errors, ", "));
  }
}

// In as many tables, one below the other, as its columns need.
void print_fitting(Text& text, const std::vector<VariantRow>& rows,
                   const std::vector<TableColumn>& columns) {
  const std::size_t least = 2 + width_of("variant");
  if (columns.size() < 2 || total_width(columns, 2) + least <= text.width())
    return print_table(text, rows, columns, 2);
  const auto half = columns.begin() + static_cast<std::ptrdiff_t>((columns.size() + 1) / 2);
  print_fitting(text, rows, {columns.begin(), half});
  text.line();
  print_fitting(text, rows, {half, columns.end()});
}

void print_variants(Text& text, const View& record) {
  const auto rows = variant_rows(record);
  text.heading("variants");
  if (rows.empty()) return text.line("  " + std::string(not_recorded));
  const auto [messages, times] = variant_columns(rows);
  auto all = messages;
  all.insert(all.end(), times.begin(), times.end());
  const std::size_t least = 2 + width_of("variant");
  if (total_width(all, 2) + least <= text.width()) {
    print_table(text, rows, all, 2);
  } else if (total_width(all, 1) + least <= text.width()) {
    print_table(text, rows, all, 1);
  } else {
    print_fitting(text, rows, messages);
    text.line();
    print_fitting(text, rows, times);
  }
  for (const auto& row : rows) {
    const auto said = loss_statement(row);
    if (!said.empty()) text.paragraph("  " + row.name + ": ", Ink::dim, said);
  }
  print_errors(text, record);
  for (const auto meaning : column_meanings) text.wrapped(Ink::dim, std::string(meaning), "  ");
}

void print_warmups(Text& text, const View& record) {
  bool any = false;
  for (const auto& trial : record["trials"].items()) {
    const auto said = warmup_text(trial);
    if (said.empty()) continue;
    if (!any) text.heading("warm-up");
    any = true;
    text.paragraph("  " + trial["variant"].text("?") + ": ", Ink::dim, said);
  }
}

void print_expectations(Text& text, const View& record) {
  text.heading("expectations");
  const auto expectations = record["expectations"].items();
  if (expectations.empty())
    return text.line(record["expectations"] ? "  the scenario has none" : "  not recorded");
  for (const auto& expectation : expectations) {
    const auto outcome = expectation["outcome"].text("unknown");
    auto line = (expectation["control"] ? "control " : "") + expectation["that"].text("?");
    if (expectation["where"].size() > 0) line += " where " + pairs_text(expectation["where"]);
    line += ": observed " + expectation["observed"].text("nothing");
    if (expectation["why"]) line += ": " + expectation["why"].text();
    text.paragraph("  " + pad_right(outcome, 9), verdict_ink(outcome), line);
  }
}

std::string fault_evidence(const View& fault) {
  std::vector<std::string> parts;
  std::vector<std::string> held;
  for (const auto& node : fault["evidence"]["nodes"].items()) {
    if (node["held_ns"]) held.push_back(duration_text(node["held_ns"], none));
  }
  if (!held.empty()) parts.push_back("held " + join(held, ", "));
  for (const auto& counted : fault["evidence"]["counted"].items()) {
    const View value = counted["value"];
    const bool bytes = counted["unit"].is("B");
    parts.push_back(counted["kind"].text("?") + " " +
                    (bytes ? bytes_text(value, none)
                           : number_text(value, none) + " " + counted["unit"].text()));
  }
  for (const auto& partition : fault["evidence"]["partitions"].items()) {
    if (partition["leader_before"].integer() == partition["leader_after"].integer()) continue;
    parts.push_back(partition["topic"].text() + "/" + partition["partition"].text() + " led by " +
                    partition["leader_after"].text("?") + ", acked again at " +
                    seconds_text(partition["longest_gap"] ? partition["longest_gap"]["to_s"]
                                                          : partition["first_ack_after_s"],
                                 "?"));
    break;  // one line for a fault: the first partition whose leader moved
  }
  return join(parts, "; ");
}

void print_trial_name(Text& text, const View& trial) {
  text.line("  " + clip(one_line(trial["variant"].text("?")), text.width() - 2));
}

void print_faults(Text& text, const View& record) {
  bool any = false;
  for (const auto& trial : record["trials"].items()) {
    const auto faults = trial["faults"].items();
    if (!faults.empty() && !any) text.heading("faults");
    if (!faults.empty()) print_trial_name(text, trial);
    any = any || !faults.empty();
    for (const auto& fault : faults) {
      const auto status = fault["status"].text("unknown");
      auto line = fault["action"].text("?") + " " + fault["target"].text("?");
      if (fault["nodes"].size() > 0) line += " = " + list_text(fault["nodes"]);
      line += fault["injected_s"] ? " at " + seconds_text(fault["injected_s"], "") : "";
      for (const auto& more : {fault["error"].text(), fault_evidence(fault)}) {
        if (!more.empty()) line += "; " + more;
      }
      const auto ink = status == "effective" ? Ink::good : Ink::bad;
      text.paragraph("    " + pad_right(status, 12), ink, line);
    }
  }
}

void print_explanations(Text& text, const View& record) {
  bool any = false;
  for (const auto& trial : record["trials"].items()) {
    const auto sentences = trial["explanation"].items();
    if (sentences.empty()) continue;
    if (!any) text.heading("why");
    any = true;
    print_trial_name(text, trial);
    for (const auto& sentence : sentences) text.paragraph("    ", Ink::plain, sentence.text());
  }
}

// Mock, or partial.
void print_what_it_is_not(Text& text, const View& record) {
  if (!is_evidence(record)) {
    const std::string bar(text.width(), '#');
    text.line();
    text.line(Ink::warn, bar);
    for (const auto& words :
         wrap("MOCK CLUSTER: THIS RUN IS NO EVIDENCE ABOUT KAFKA", text.width() - 9)) {
      text.line(Ink::warn, "###   " + pad_right(words, text.width() - 9) + "###");
    }
    text.line(Ink::warn, bar);
  }
  if (is_partial(record)) {
    text.line();
    text.paragraph("PARTIAL  ", Ink::warn,
                   "The run did not end by itself; what it had not yet recorded is missing here.");
  }
}

void print_errors_of_trials(Text& text, const View& record) {
  for (const auto& trial : record["trials"].items()) {
    if (trial["error"]) {
      text.paragraph("error  ", Ink::bad,
                     trial["variant"].text("?") + ": " + trial["error"].text());
    }
  }
}

void print_cautions(Text& text, const View& record) {
  print_what_it_is_not(text, record);
  for (const auto& name : closed_loops(record)) {
    text.paragraph("closed loop  ", Ink::warn,
                   "Workload " + name + " sent as fast as it was answered: its latency says "
                   "nothing about a fixed rate.");
  }
  for (const auto& name : limited_loads(record)) {
    text.paragraph("generator-limited  ", Ink::warn,
                   name + ": the load generator fell behind; no verdict on latency.");
  }
  for (const auto& note : connection_notes(record)) {
    text.paragraph("connection-limited  ", Ink::warn, note);
  }
  for (const auto& caution : latency_cautions(record)) {
    text.paragraph("latency unknown  ", Ink::warn, caution);
  }
  print_errors_of_trials(text, record);
}

void print_title(Text& text, const View& record) {
  const auto scenario = record["scenario"];
  auto title = scenario["name"].text("unnamed scenario");
  if (scenario["title"]) title += " - " + scenario["title"].text();
  text.wrapped(Ink::bold, title);
  const auto cluster = record["cluster"];
  std::vector<std::string> facts;
  facts.push_back(cluster["kind"].text("unknown") + " cluster");
  if (cluster["version"]) facts.push_back("Kafka " + cluster["version"].text());
  if (cluster["brokers"])
    facts.push_back(cluster["brokers"].text() +
                    (cluster["brokers"].integer() == 1 ? " broker" : " brokers"));
  if (record["run"]["seed"]) facts.push_back("seed " + record["run"]["seed"].text());
  if (record["run"]["id"]) facts.push_back("run " + record["run"]["id"].text());
  text.wrapped(Ink::dim, join(facts, ", "));
  if (record["labels"].size() > 0) text.wrapped(Ink::dim, pairs_text(record["labels"]));
}

void print_verdict(Text& text, const View& record) {
  const auto verdict = record["verdict"];
  const auto word = verdict_word(record);
  const auto reasons = verdict["reasons"].items();
  text.line();
  const auto label = upper(word) + "  ";
  if (reasons.empty()) {
    text.paragraph(label, verdict_ink(word),
                   verdict["overall"] ? "No reason was recorded."
                                      : "The run ended before it was judged.");
  }
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    text.paragraph(i == 0 ? label : std::string(label.size(), ' '), verdict_ink(word),
                   reasons[i].text());
  }
}

void print_gate_rows(Text& text, const std::vector<GateRow>& rows) {
  std::vector<TableColumn> columns{{"metric", {}}, {"baseline", {}},       {"candidate", {}},
                                   {"change", {}}, {"fails / passes", {}}, {"outcome", {}}};
  for (const auto& row : rows) {
    const std::string* cells[] = {&row.name,   &row.baseline, &row.candidate,
                                  &row.change, &row.limits,   &row.outcome};
    for (std::size_t i = 0; i < columns.size(); ++i) columns[i].cells.push_back(*cells[i]);
  }
  const auto print = [&](const auto& cell_of, Ink ink) {
    std::string line = "  ";
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto width = columns[i].width();
      line += i == 0 ? pad_right(cell_of(i), width) : "  " + pad_left(cell_of(i), width);
    }
    text.line(ink, line);
  };
  print([&](std::size_t i) { return columns[i].header; }, Ink::dim);
  for (std::size_t at = 0; at < rows.size(); ++at) {
    print([&](std::size_t i) { return columns[i].cells[at]; },
          rows[at].outcome == "fail" ? Ink::bad : Ink::plain);
  }
}

// Of pairs, what they add up to; the trials themselves are the page's.
void print_gate(Text& text, const View& record) {
  const View gate = record["gate"];
  text.heading("baseline -> candidate");
  const auto differ = differences(gate);
  if (differ.empty()) text.line("  nothing differs: each is compared with itself");
  for (const auto& difference : differ) text.paragraph("  ", Ink::plain, difference);
  if (const View against = gate["against"]) {
    text.heading("against the stored run " + against["run"].text() + " of " +
                 against["started_at"].text() + ", which is weaker than pairs");
  } else {
    text.heading(std::to_string(gate["pairs"].size()) + " pairs");
  }
  print_gate_rows(text, gate_rows(gate));
  text.wrapped(Ink::dim,
               "change: of the median pair, by Hodges and Lehmann, and its interval. fails / "
               "passes: so much worse fails, so much worse must be ruled out to pass.",
               "  ");
  const auto voids = void_pairs(gate);
  if (!voids.empty()) text.heading("void pairs, which say nothing");
  for (const auto& pair : voids) text.paragraph("  ", Ink::plain, pair);
  if (gate["certification"].size() > 0) text.heading("what gates can tell on this machine");
  for (const View& sentence : gate["certification"].items())
    text.paragraph("  ", Ink::plain, sentence.text());
}

// "3 passed, 1 failed".
std::string trials_at(const View& load) {
  std::vector<std::string> parts;
  for (const char* outcome : {"passed", "failed", "generator", "invalid"}) {
    const auto trials = load["trials"].items();
    const auto count = std::ranges::count_if(
        trials, [&](const View& trial) { return trial["outcome"].is(outcome); });
    if (count > 0) parts.push_back(std::to_string(count) + " " + outcome);
  }
  return join(parts, ", ");
}

void print_loads(Text& text, const View& search) {
  for (const View& load : search["loads"].items()) {
    const auto per_s = load["per_s"].number_or(0);
    const std::string first =
        "    " + pad_left(decimal(per_s, per_s < 100 ? 2 : 0) + "/s", 14) + "  ";
    text.paragraph(first, Ink::dim, trials_at(load));
  }
}

// Of searches, what they found; the trials themselves are the page's.
void print_capacity(Text& text, const View& record) {
  const View capacity = record["capacity"];
  text.heading("the highest load that keeps " + list_text(capacity["slo"]));
  for (const View& search : capacity["searches"].items()) {
    const bool found = search["outcome"].is("interval") || search["outcome"].is("at_least");
    text.paragraph("  " + search["name"].text("?") + ": ", found ? Ink::good : Ink::warn,
                   search["reason"].text("not recorded"));
    if (search["bound"]["text"])
      text.paragraph("    ", Ink::plain,
                     search["bound"]["name"].text() + ": " + search["bound"]["text"].text());
    if (search["generator_needs"])
      text.paragraph("    ", Ink::warn, search["generator_needs"].text());
    for (const View& note : search["notes"].items())
      text.paragraph("    ", Ink::plain, note.text());
    print_loads(text, search);
  }
  for (const auto& sentence : scaling_sentences(capacity["scaling"]))
    text.paragraph("  ", Ink::plain, sentence);
}

class ConsoleReport : public Report {
 public:
  explicit ConsoleReport(ConsoleStyle style) : style_(std::move(style)) {}
  [[nodiscard]] std::string render(const record::RunRecord& record) const override {
    return render_console(record.view(), style_);
  }
  [[nodiscard]] Delivery delivery() const override { return {.usual = true}; }

 private:
  ConsoleStyle style_;
};

}  // namespace

std::string render_console(const View& record, const ConsoleStyle& style) {
  Text text(style);
  print_title(text, record);
  if (record["gate"] || record["certificate"] || record["capacity"]) {
    print_what_it_is_not(text, record);
    print_errors_of_trials(text, record);
    if (record["gate"]) print_gate(text, record);
    if (record["capacity"]) print_capacity(text, record);
    print_verdict(text, record);
    return text.take();
  }
  print_cautions(text, record);
  print_variants(text, record);
  print_warmups(text, record);
  print_expectations(text, record);
  print_faults(text, record);
  print_explanations(text, record);
  print_verdict(text, record);
  return text.take();
}

namespace {

const Registration<Report> registered{{
    .name = "text",
    .help = "the verdict, one table over the variants, and why, for a terminal",
    .options = {{.name = "colour",
                 .type = OptionType::boolean,
                 .fallback = "false",
                 .help = "emphasis by ANSI escapes",
                 .choices = {}},
                {.name = "width",
                 .type = OptionType::integer,
                 .fallback = "100",
                 .help = "columns to use at most",
                 .choices = {}}},
    .make = [](const Options& options) -> std::unique_ptr<Report> {
      return std::make_unique<ConsoleReport>(
          ConsoleStyle{.colour = options.boolean("colour"),
                       .width = static_cast<std::size_t>(options.integer("width"))});
    },
}};

}  // namespace

}  // namespace seatrial::reports
