// The frame around the panels: head with its policy, banners, contents, data, script.
#include "reports/page/page.hpp"

#include <algorithm>

#include "core/registry.hpp"
#include "record/report.hpp"
#include "reports/format.hpp"
#include "reports/page/assets.hpp"
#include "reports/page/drawn.hpp"
#include "reports/page/html.hpp"
#include "reports/page/panel.hpp"
#include "reports/page/sha256.hpp"
#include "reports/summary.hpp"

namespace seatrial::reports {

namespace page {
namespace {

std::string title_of(const View& record) {
  const auto scenario = record["scenario"];
  return scenario["title"].text(scenario["name"].text("Seatrial run"));
}

std::string head_html(const std::string& title) {
  // The policy stands before what it governs: nothing is loaded from anywhere, and only this style
  // and this script run, whatever text a record carries.
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src " +
         csp_hash(page_css) + "; script-src " + csp_hash(page_js) +
         "; base-uri 'none'; form-action 'none'\">\n"
         "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
         "<meta name=\"referrer\" content=\"no-referrer\">\n<title>" +
         escape(title) + "</title>\n<style>" + std::string(page_css) + "</style>\n</head>\n";
}

// What is said of every trial would hide the page under a run of hundreds.
std::string some_of(const std::vector<std::string>& banners) {
  constexpr std::size_t most = 10;
  std::string out;
  for (std::size_t i = 0; i < std::min(banners.size(), most); ++i) out += banners[i];
  if (banners.size() > most) {
    out += "<p class=\"banner\" role=\"note\">And " + std::to_string(banners.size() - most) +
           " more such notes; ./seatrial report prints them all.</p>\n";
  }
  return out;
}

std::string banners_html(const View& record) {
  std::string out;
  std::vector<std::string> banners;
  const auto banner = [&](const std::string& strong, const std::string& rest) {
    banners.push_back("<p class=\"banner\" role=\"note\"><strong>" + strong + "</strong> " + rest +
                      "</p>\n");
  };
  if (!is_evidence(record)) {
    out += "<p class=\"banner mock\" role=\"note\">Mock cluster: this run is no evidence about "
           "Kafka.</p>\n";
  }
  if (is_partial(record)) {
    banner("Partial record.",
           record["run"]["interrupted"].boolean().value_or(false)
               ? "The run was interrupted; what it had not yet recorded is missing below."
               : "The run did not end by itself; what it had not yet recorded is missing below.");
  }
  // Of a gate, what is doubtful of a trial is its pair's business; of a search, its load's.
  if (!record["gate"] && !record["capacity"]) {
    for (const auto& name : closed_loops(record)) {
      banner("Closed loop:", "workload " + escape(name) +
                                 " sent as fast as it was answered, so its "
                                 "latency says nothing about a fixed rate.");
    }
    for (const auto& name : limited_loads(record)) {
      banner("Generator-limited:", escape(name) +
                                       ". The load generator fell behind its own "
                                       "schedule; no verdict on latency is given.");
    }
    for (const auto& caution : latency_cautions(record)) {
      banner("Latency unknown:", escape(caution) + ".");
    }
  }
  for (const auto& trial : record["trials"].items()) {
    if (trial["error"]) banner("Trial " + text(trial["variant"]) + " ended on an error:",
                               text(trial["error"]));
  }
  return out + some_of(banners);
}

std::string meta_html(const View& record) {
  const auto cluster = record["cluster"];
  const auto run = record["run"];
  std::vector<std::string> facts;
  if (cluster["version"]) facts.push_back("Kafka " + text(cluster["version"]));
  if (cluster["kind"]) facts.push_back(text(cluster["kind"]) + " cluster");
  if (cluster["brokers"]) facts.push_back("brokers: " + number(cluster["brokers"]));
  if (cluster["controllers"]) facts.push_back("controllers: " + number(cluster["controllers"]));
  if (run["seed"]) facts.push_back("seed " + text(run["seed"]));
  if (run["wall_s"]) facts.push_back("took " + seconds(run["wall_s"]));
  return join(facts, " &middot; ");
}

std::string top_html(const View& record) {
  const auto scenario = record["scenario"];
  const auto run = record["run"];
  std::string out = "<header class=\"top\">\n" + banners_html(record);
  out += "<p class=\"eyebrow\">Seatrial &middot; " + text(scenario["name"]) + " &middot; " +
         text(run["started_at"]) + " &middot; run " + text(run["id"]) + "</p>\n";
  out += "<h1>" + text(scenario["title"] ? scenario["title"] : scenario["name"]) + "</h1>\n";
  return out + "<p class=\"meta\">" + meta_html(record) + "</p>\n";
}

// JSON within a script element: `<` is the one character that could end it.
std::string json_for_script(const View& record) {
  std::string out;
  for (const char c : record.json()) {
    if (c == '<') out += "\\u003c";
    else out += c;
  }
  return out;
}

std::string carried(const View& whole, const View& drawn) {
  const std::size_t all = whole["trials"].size(), some = drawn["trials"].size();
  if (all == some) return "which this file carries too";
  return "of which this file carries " + std::to_string(some) + " of " + std::to_string(all) +
         " trials; run.json has them all";
}

// `record`: with the trials that are drawn; `whole`: with all.
std::string render(const View& record, const View& whole) {
  std::string contents;
  std::string sections;
  for (const auto& panel : panels()) {
    const auto body =
        (panel.render_whole != nullptr ? panel.render_whole(whole) : "") + panel.render(record);
    if (body.empty()) continue;
    contents += "<a href=\"#" + panel.id + "\">" + escape(panel.title) + "</a>\n";
    const std::string note =
        panel.note.empty() ? "" : "<p class=\"note\">" + escape(panel.note) + "</p>\n";
    sections += section(panel.id, panel.title, note + body);
  }
  const std::string footer = "<footer>Made by " + text(record["run"]["program"]) +
                             " from the run's record (" + text(record["schema"]) + "), " +
                             carried(whole, record) + ".</footer>\n";
  return framed(
      title_of(record),
      top_html(whole) + "<nav aria-label=\"Contents\">\n" + contents + "</nav>\n</header>\n",
      sections + footer, record);
}

}  // namespace

std::string framed(const std::string& title, const std::string& head, const std::string& body,
                   const View& data) {
  return head_html(title) + "<body>\n" + head + "<main>\n" + body +
         "</main>\n"
         "<script type=\"application/json\" id=\"record\">" +
         json_for_script(data) + "</script>\n<script>" + std::string(page_js) +
         "</script>\n</body>\n</html>\n";
}

std::string section(const std::string& id, const std::string& title, const std::string& body) {
  return "<section id=\"" + id + "\">\n<h2>" + escape(title) + "</h2>\n" + body + "</section>\n";
}

}  // namespace page

std::string render_page(const View& record) { return page::render(record, record); }

std::string render_page(const record::RunRecord& record) {
  const auto drawn = page::drawn_trials(record.view());
  if (drawn.size() == record["trials"].size()) return render_page(record.view());
  const auto of_these = record.with_trials(drawn);
  return page::render(of_these.view(), record.view());
}

namespace {

class PageReport : public Report {
 public:
  [[nodiscard]] std::string render(const record::RunRecord& record) const override {
    return render_page(record);
  }
  [[nodiscard]] Delivery delivery() const override {
    return {.file = "report.html", .title = "page", .usual = true};
  }
};

const Registration<Report> registered{{
    .name = "html",
    .help = "one page with charts and tables of everything the record holds; no network needed",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Report> {
      return std::make_unique<PageReport>();
    },
}};

}  // namespace

}  // namespace seatrial::reports
