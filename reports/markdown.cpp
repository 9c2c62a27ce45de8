// Markdown as GitHub's step summaries and comments show it: the verdict in the heading, a table
// over the variants that leads with what the scenario asks, reasons, expectations, and behind a
// fold where the run took place.
#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include "core/registry.hpp"
#include "record/report.hpp"
#include "reports/format.hpp"
#include "reports/gate.hpp"
#include "reports/summary.hpp"
#include "reports/variant_table.hpp"

namespace seatrial::reports {
namespace {

// Whether the mark there makes a list or a heading of the line that `text` is.
bool begins_block(std::string_view text, std::size_t at) {
  const bool apart = at + 1 == text.size() || text[at + 1] == ' ';
  const char c = text[at];
  if (at == 0) return c == '=' || c == '-' || (c == '+' && apart);
  const auto number = text.substr(0, at);
  return apart && (c == '.' || c == ')') && number.find_first_not_of("0123456789") == number.npos;
}

// Plain text on one line, in cells of tables too. What means something to Markdown, HTML or
// mathematics becomes a character reference, which means nothing to any of them.
std::string plain(std::string_view text) {
  const std::string line = one_line(text);
  std::string out;
  const auto first = std::min(line.find_first_not_of(' '), line.size());
  const std::string_view rest = std::string_view(line).substr(first);
  for (std::size_t at = 0; at < rest.size(); ++at) {
    constexpr std::string_view marks = "&<>|`*_[]\\~#$@!";
    const bool means_something = marks.find(rest[at]) != marks.npos || begins_block(rest, at);
    if (means_something) out += "&#" + std::to_string(static_cast<int>(rest[at])) + ";";
    else out += rest[at];
  }
  return out;
}

std::string row_of(const std::vector<std::string>& cells) {
  return "| " + join(cells, " | ") + " |\n";
}

// `left`: how many columns hold words rather than numbers.
std::string table_head(const std::vector<std::string>& heads, std::size_t left) {
  std::vector<std::string> rule;
  for (std::size_t i = 0; i < heads.size(); ++i) rule.emplace_back(i < left ? ":--" : "--:");
  return row_of(heads) + row_of(rule);
}

std::string bullets(const View& list) {
  std::string out;
  for (const View& item : list.items()) out += "- " + plain(item.text("?")) + "\n";
  return out.empty() ? "" : out + "\n";
}

std::string heading(const View& record) {
  const View scenario = record["scenario"];
  const View named = scenario["title"] ? scenario["title"] : scenario["name"];
  return "## " + plain(upper(verdict_word(record))) + ": " + plain(named.text("unnamed scenario")) +
         "\n\n";
}

// What a reader has to know before any number.
std::string cautions(const View& record) {
  std::vector<std::string> out;
  if (!is_evidence(record)) out.emplace_back("mock cluster: this run is no evidence about Kafka");
  if (is_partial(record)) {
    out.emplace_back(
        "partial: the run did not end by itself, and what it had not yet recorded is "
        "missing here");
  }
  // Of a gate, what is doubtful of a trial is its pair's business.
  const bool of_trials = !record["gate"];
  for (const auto& name : of_trials ? closed_loops(record) : std::vector<std::string>{}) {
    out.push_back("closed loop: workload " + name +
                  " sent as fast as it was answered; its latency "
                  "says nothing about a fixed rate");
  }
  for (const auto& name : of_trials ? limited_loads(record) : std::vector<std::string>{})
    out.push_back("generator-limited: " + name + "; no verdict on latency");
  for (const auto& caution : of_trials ? latency_cautions(record) : std::vector<std::string>{})
    out.push_back("latency unknown: " + caution);
  for (const View& trial : record["trials"].items()) {
    if (trial["error"])
      out.push_back("error: " + trial["variant"].text("?") + ": " + trial["error"].text());
  }
  std::string text;
  for (const auto& caution : out) text += "> **Note:** " + plain(caution) + "\n>\n";
  return text.empty() ? "" : text + "\n";
}

std::string variants_table(const View& record) {
  const auto rows = variant_rows(record);
  if (rows.empty()) return "No variant was recorded.\n\n";
  auto [columns, times] = variant_columns(rows);
  columns.insert(columns.end(), times.begin(), times.end());
  std::vector<std::string> heads{"variant"};
  for (const auto& column : columns) heads.push_back(plain(column.header));
  std::string out = table_head(heads, 1);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::vector<std::string> cells{plain(rows[i].name)};
    for (const auto& column : columns) cells.push_back(plain(column.cells[i]));
    out += row_of(cells);
  }
  out += "\n";
  for (const auto& row : rows) {
    const auto said = loss_statement(row);
    if (!said.empty()) out += "- " + plain(row.name) + ": " + plain(said) + "\n";
  }
  return out + "\n";
}

std::string expectations_table(const View& record) {
  const auto expectations = record["expectations"].items();
  if (expectations.empty()) return "";
  std::string out =
      "### Expectations\n\n" + table_head({"expectation", "where", "outcome", "observed"}, 4);
  for (const View& expectation : expectations) {
    const std::string why = expectation["why"] ? ": " + expectation["why"].text() : "";
    out += row_of(
        {plain((expectation["control"] ? "control: " : "") + expectation["that"].text("?")),
         plain(pairs_text(expectation["where"])), plain(expectation["outcome"].text("unknown")),
         plain(expectation["observed"].text("nothing") + why)});
  }
  return out + "\n";
}

std::string environment(const View& record) {
  std::vector<std::pair<std::string, std::string>> facts;
  const auto fact = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) facts.emplace_back(name, value);
  };
  const View cluster = record["cluster"], machine = record["environment"], run = record["run"];
  fact("cluster", cluster["kind"].text());
  fact("Kafka", cluster["version"].text());
  fact("brokers", cluster["brokers"].text());
  fact("processor", machine["cpu"].text());
  fact("cores", machine["cores"].text());
  fact("memory", bytes_text(machine["memory_bytes"], ""));
  fact("system", machine["os"].text());
  fact("kernel", machine["kernel"].text());
  fact("librdkafka", machine["librdkafka"].text());
  for (const View& grade : machine["grades"].items()) {
    if (grade["mark"].is("doubt")) fact("doubt: " + grade["name"].text(), grade["observed"].text());
  }
  fact("run", run["id"].text());
  fact("seed", run["seed"].text());
  fact("command", run["command"].text());
  fact("program", run["program"].text());
  for (const auto& [key, value] : record["labels"].entries()) fact(key, value.text());
  if (facts.empty()) return "";
  std::string out =
      "<details><summary>Environment</summary>\n\n" + table_head({"what", "value"}, 2);
  for (const auto& [name, value] : facts) out += row_of({plain(name), plain(value)});
  return out + "\n</details>\n";
}

std::string gate_table(const View& gate) {
  std::string out;
  for (const auto& difference : differences(gate)) out += "- " + plain(difference) + "\n";
  out += "\n" +
         table_head({"metric", "outcome", "baseline", "candidate", "change", "fails / passes"}, 2);
  for (const auto& row : gate_rows(gate)) {
    out += row_of({plain(row.name), plain(row.outcome), plain(row.baseline), plain(row.candidate),
                   plain(row.change), plain(row.limits)});
  }
  const auto voids = void_pairs(gate);
  out += "\n" + std::to_string(gate["pairs"].size()) + " pairs, " + std::to_string(voids.size()) +
         " of them void\n\n";
  for (const auto& pair : voids) out += "- " + plain(pair) + "\n";
  return out + (voids.empty() ? "" : "\n");
}

std::string render_markdown(const View& record) {
  const View gate = record["gate"];
  std::string out = heading(record) + cautions(record);
  const auto reasons = bullets(record["verdict"]["reasons"]);
  out += reasons.empty() ? "The run ended before it was judged.\n\n" : reasons;
  out += gate ? gate_table(gate) : variants_table(record) + expectations_table(record);
  return out + environment(record);
}

class MarkdownReport final : public Report {
 public:
  [[nodiscard]] std::string render(const record::RunRecord& record) const override {
    return render_markdown(record.view());
  }
};

const Registration<Report> registered{{
    .name = "markdown",
    .help = "verdict, table and reasons in Markdown: a step summary or comment of GitHub",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Report> {
      return std::make_unique<MarkdownReport>();
    },
}};

}  // namespace
}  // namespace seatrial::reports
