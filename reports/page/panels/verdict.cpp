// Hypothesis beside outcome: the verdict in one word with its reasons, the figures that matter
// most for each variant, and every expectation with what was observed.
#include "reports/format.hpp"
#include "reports/gate.hpp"
#include "reports/page/figure.hpp"
#include "reports/page/html.hpp"
#include "reports/page/panel.hpp"
#include "reports/summary.hpp"

namespace seatrial::reports::page {

namespace {

std::string meaning_of(const std::string& verdict) {
  if (verdict == "pass") return "Every expectation held.";
  if (verdict == "fail") return "An expectation or a promise of the settings was broken.";
  if (verdict == "invalid") return "Something the scenario needs did not take effect.";
  return "The evidence does not suffice for a verdict.";
}

std::string verdict_html(const View& record) {
  const auto verdict = record["verdict"];
  const auto word = verdict_word(record);
  std::string out = "<div class=\"outcome v-" + escape(verdict["overall"].text("unknown")) +
                    "\"><h3>Outcome</h3><p class=\"word\">" + escape(word) + "</p>\n";
  if (!verdict["overall"]) {
    out += "<p>The run ended before it was judged; verdict: " + absent() + ".</p>";
  } else if (!record["gate"] && !record["certificate"] &&
             (word != "pass" || verdict["reasons"].size() == 0)) {
    out += "<p>" + escape(meaning_of(word)) + "</p>";  // else the reason says the same
  }
  if (verdict["reasons"].size() > 0) {
    out += "<ul>";
    for (const auto& reason : verdict["reasons"].items()) out += "<li>" + text(reason) + "</li>";
    out += "</ul>";
  }
  return out + "</div>\n";
}

// The figure that the scenario asks for first, or, where it asks for none, what was lost.
std::string headline(const VariantRow& row) {
  const bool lost = row.acked_lost.integer().value_or(0) > 0;
  const bool of_loss = row.asked.empty() || row.asked.front().question["metric"].is("acked_lost");
  const std::string value =
      row.asked.empty() ? count(row.acked_lost) : escape(observed_text(row.asked.front()));
  const std::string label = row.asked.empty() ? "acked messages lost" : row.asked.front().label;
  return std::string("<p class=\"big") + (of_loss && lost ? " bad" : "") + "\">" + value +
         "</p><p class=\"what\">" + escape(label) + "</p>\n";
}

std::string card(const VariantRow& row, std::size_t index) {
  std::string out = "<li class=\"card " + series_kind(index) + "\"><h3>" + escape(row.name) +
                    "</h3>" + pill(row.verdict) + headline(row) + "<dl>";
  const auto fact = [&](std::string_view name, const std::string& value) {
    out += "<div><dt>" + std::string(name) + "</dt><dd>" + value + "</dd></div>";
  };
  for (std::size_t i = 1; i < row.asked.size(); ++i)
    fact(escape(row.asked[i].label), escape(observed_text(row.asked[i])));
  if (!row.asked.empty() && !asks_for(row, "acked_lost") && shows_loss({row}))
    fact("acked messages lost", count(row.acked_lost));
  for (const auto& counted : row.counts) fact(escape(counted.header), count(counted.value));
  fact("acked", count(row.acked));
  const bool measured = row.measured;
  const auto none = [](const std::string& word) {
    return "<span class=\"none\">" + word + "</span>";
  };
  const auto latency = [&](const View& ns) {
    if (!row.latency_known) return none("unknown");
    return ns || !measured ? duration(ns) : none("too few messages");
  };
  fact("response p50", latency(row.p50_ns));
  fact("response p99", latency(row.p99_ns));
  if (row.p99_outside_ns) fact("response p99 outside faults", duration(row.p99_outside_ns));
  fact("longest unavailability", duration(row.longest_gap_ns));
  return out + "</dl></li>\n";
}

// What the figures on the cards mean.
std::string meanings(const std::vector<VariantRow>& rows) {
  std::string out;
  for (const auto& asked : rows.front().asked) {
    out += "<li>" + code(asked.question["question"]) + ": " + text(asked.question["meaning"]) +
           "</li>";
  }
  return out.empty() ? "" : "<ul class=\"small meanings\">" + out + "</ul>\n";
}

std::string expectations_html(const View& record) {
  Table table({{"Expectation"}, {"Where"}, {"Outcome"}, {"Observed"}, {"Over"}, {"Trials"}});
  for (const auto& expectation : record["expectations"].items()) {
    const auto where = pairs_text(expectation["where"]);
    const auto why = expectation["why"];
    const std::string control = expectation["control"] ? "control: " : "";
    table.row({control + code(expectation["that"]), where.empty() ? "every trial" : escape(where),
               pill(expectation["outcome"]),
               text(expectation["observed"]) + (why ? ": " + text(why) : ""),
               text(expectation["over"]), list(expectation["trials"])});
  }
  if (table.empty())
    return "<p>Expectations: " + (record["expectations"] ? "the scenario has none" : absent()) +
           ".</p>\n";
  return table.html("Expectations and their outcomes");
}

// Of a scenario that expects nothing in words: the outcome alone.
std::string outcome_html(const View& record) {
  const auto hypothesis = record["scenario"]["hypothesis"];
  if (hypothesis.text().empty()) return verdict_html(record);
  return "<div class=\"duo\"><div class=\"hypothesis\"><h3>Hypothesis</h3><p>" + text(hypothesis) +
         "</p></div>\n" + verdict_html(record) + "</div>\n";
}

std::string render(const View& record) {
  std::string out = outcome_html(record);
  if (record["capacity"]) return out;  // its trials are loads, which the next section draws
  const auto rows = variant_rows(record);
  if (!rows.empty()) out += "<ul class=\"cards\">\n";
  for (std::size_t i = 0; i < rows.size(); ++i) out += card(rows[i], i);
  if (!rows.empty()) {
    out += "</ul>\n" + meanings(rows) +
           "<p class=\"small\">Latency and unavailability are the worst trial's of each "
           "variant.</p>\n";
  }
  return out + "<h3>Expectations</h3>\n" + expectations_html(record);
}

const PanelRegistration registered{{.order = 10,
                                    .id = "verdict",
                                    .title = "Verdict",
                                    .render = [](const View&) { return std::string(); },
                                    .render_whole = render}};

}  // namespace

}  // namespace seatrial::reports::page
