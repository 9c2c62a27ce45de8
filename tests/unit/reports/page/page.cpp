// The page against the record: every number on it is read back and compared; nothing from a record
// runs or loads; a record cut short anywhere still renders and says so.
#include "reports/page/page.hpp"

#include <cmath>
#include <functional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/units.hpp"
#include "record/run_record.hpp"
#include "reports/page/drawn.hpp"
#include "reports/page/html.hpp"
#include "reports/page/panel.hpp"
#include "reports/page/sha256.hpp"
#include "unit/reports/records.hpp"

using nlohmann::json;
using seatrial::reports::test::record;
using seatrial::reports::test::render_page;
namespace page = seatrial::reports::page;

namespace {

std::string unescape(std::string text) {
  const std::pair<std::string, std::string> entities[] = {
      {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}};
  for (const auto& [entity, character] : entities) {
    for (auto at = text.find(entity); at != std::string::npos;
         at = text.find(entity, at + character.size())) {
      text.replace(at, entity.size(), character);
    }
  }
  return text;
}

struct Shown {
  std::string path;
  std::string value;
  std::string text;
};

std::string between(const std::string& html, std::size_t& at, const std::string& open,
                    const std::string& close) {
  const auto from = html.find(open, at) + open.size();
  const auto to = html.find(close, from);
  at = to;
  return html.substr(from, to - from);
}

std::vector<Shown> numbers_on(const std::string& html) {
  std::vector<Shown> out;
  std::size_t at = 0;
  while ((at = html.find("<data ", at)) != std::string::npos) {
    Shown shown;
    shown.path = unescape(between(html, at, "data-path=\"", "\""));
    shown.value = unescape(between(html, at, "data-value=\"", "\""));
    shown.text = unescape(between(html, at, ">", "</data>"));
    out.push_back(std::move(shown));
  }
  return out;
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// Reads what a person reads, independently of how it was written: the number, then its unit.
double as_read(const Shown& shown) {
  std::string digits;
  std::size_t i = 0;
  for (; i < shown.text.size(); ++i) {
    const char c = shown.text[i];
    if (c == ',') continue;
    if ((c < '0' || c > '9') && c != '.' && c != '-') break;
    digits += c;
  }
  const auto unit = shown.text.substr(i);
  const double n = *seatrial::parse_number(digits);
  if (unit.empty()) return n;
  if (unit == " %") return n / 100;
  if (ends_with(shown.path, "_s")) return unit == " s" ? n : NAN;
  const std::pair<const char*, double> units[] = {
      {" ns", 1},     {" us", 1e3},          {" ms", 1e6},             {" s", 1e9},
      {" min", 60e9}, {" h", 3600e9},        {" B", 1},                {" KiB", 1024},
      {" MiB", 1024 * 1024.0}, {" GiB", 1024 * 1024 * 1024.0}};
  for (const auto& [name, factor] : units) {
    if (unit == name) return n * factor;
  }
  return NAN;
}

void check_numbers(const json& run, std::size_t at_least) {
  const auto shown = numbers_on(render_page(run));
  CHECK(shown.size() >= at_least);
  for (const auto& number : shown) {
    INFO(number.path << " shown as " << number.text);
    const json::json_pointer pointer(number.path);
    REQUIRE(run.contains(pointer));
    const auto& recorded = run.at(pointer);
    REQUIRE(recorded.is_number());
    CHECK(json::parse(number.value) == recorded);
    const auto value = recorded.get<double>();
    const bool exact = recorded.is_number_integer() && number.text.find(' ') == std::string::npos;
    const double tolerance = exact ? 0 : std::abs(value) * 0.006 + 0.0006;
    CHECK(std::abs(as_read(number) - value) <= tolerance);
  }
}

// Everything outside of the record that the page carries along as data.
std::string visible(std::string html) {
  const auto from = html.find("<script type=\"application/json\"");
  REQUIRE(from != std::string::npos);
  const auto to = html.find("</script>", from);
  return html.erase(from, to - from);
}

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("page: every number equals the record's") {
  check_numbers(record("quickstart"), 900);
  check_numbers(record("partial"), 600);
  check_numbers(record("mock"), 300);
  check_numbers(record("empty"), 1);
}

namespace {

// Numbers in a text: runs of digits with the points and commas inside of them.
std::set<std::string> number_words(const std::string& text) {
  std::set<std::string> words;
  std::string word;
  for (const char c : text + " ") {
    if ((c >= '0' && c <= '9') || (!word.empty() && (c == '.' || c == ','))) {
      word += c;
    } else if (!word.empty()) {
      while (word.back() == '.' || word.back() == ',') word.pop_back();
      words.insert(word);
      word.clear();
    }
  }
  return words;
}

void collect_words(const json& value, std::set<std::string>& words) {
  if (value.is_string()) words.merge(number_words(value.get<std::string>()));
  if (!value.is_structured()) return;
  for (const auto& item : value.items()) {
    if (value.is_object()) words.merge(number_words(item.key()));
    collect_words(item.value(), words);
  }
}

// What is left to read when charts, scripts, tags and the checked numbers are taken away.
std::string prose(const std::string& html) {
  std::string out;
  std::size_t at = html.find("<body>");
  while (at < html.size()) {
    std::string end;
    for (const std::string element : {"data", "svg", "script"}) {
      if (html.compare(at + 1, element.size(), element) == 0) end = "</" + element + ">";
    }
    if (html[at] == '<') {
      const auto close = end.empty() ? std::string(">") : end;
      at = html.find(close, at) + close.size();
      out += ' ';
    } else {
      out += html[at++];
    }
  }
  return unescape(out);
}

}  // namespace

TEST_CASE("page: no number stands outside of the checked ones, save in names and words") {
  for (const std::string name : {"quickstart", "partial", "mock", "empty"}) {
    const auto run = record(name);
    std::set<std::string> known = {"50", "90", "99", "99.9", "99.99"};  // p50 and the like
    collect_words(run, known);
    for (const auto& word : number_words(prose(render_page(run)))) {
      INFO(name << ": " << word);
      CHECK(known.contains(word));
    }
  }
}

TEST_CASE("page: a changed record changes the page") {
  auto run = record("quickstart");
  run["variants"][0]["acked_lost"] = 4711;
  CHECK(visible(render_page(run)).find(">4,711</data>") != std::string::npos);
}

TEST_CASE("page: shows what any checker of a run found, by its name") {
  json changed = record("quickstart");
  changed["trials"][0]["audit"]["totals"]["never_heard_of"] = 4;
  changed["trials"][0]["audit"]["totals"]["heard_of"] = 0;
  const std::string html = render_page(changed);
  CHECK(html.find("<td>never-heard-of</td>") != std::string::npos);
  CHECK(html.find("<td>heard-of</td>") == std::string::npos);
}

TEST_CASE("page: of a share group it tells how its messages went, and no owners") {
  auto run = record("quickstart");
  const json first{{"member", 1}, {"handed", 4711}, {"events", json::array()}};
  const json second{{"member", 2}, {"handed", 0}, {"events", json::array()}};
  run["trials"][0]["workloads"][1]["group"] = {{"share", true}, {"members", {first, second}}};
  const auto html = visible(render_page(run));
  CHECK(html.find("How a share group&#39;s messages went") != std::string::npos);
  CHECK(html.find(">4,711</data>") != std::string::npos);
  CHECK(html.find("Longest time without a member") == std::string::npos);
}

TEST_CASE("page: the record it carries is the record") {
  auto run = record("quickstart");
  run["scenario"]["title"] = "</script><script>alert(1)</script>";
  const auto html = render_page(run);
  std::size_t at = 0;
  const auto text =
      between(html, at, "<script type=\"application/json\" id=\"record\">", "</script>");
  CHECK(text.find('<') == std::string::npos);
  CHECK(json::parse(text) == run);
}

namespace {

// Puts a hostile text wherever the record holds a string, and into the keys of settings.
void poison(json& value, const std::string& text) {
  if (value.is_string()) value = text;
  else if (value.is_structured()) for (auto& inner : value) poison(inner, text);
}

}  // namespace

TEST_CASE("page: no text of a record becomes markup") {
  const std::string hostile = "\"><script>alert('x')</script><img src=x onerror=alert(1)> & ]]>";
  auto run = record("quickstart");
  const auto clean = occurrences(render_page(run), "<script");
  poison(run, hostile);
  run["trials"][0]["workloads"][0]["kind"] = "producer";  // so that its charts are drawn, too
  run["trials"][0]["effective_broker_config"][hostile] = hostile;
  run["trials"][0]["cluster_facts"][hostile] = hostile;
  run["trials"][0]["faults"][1]["evidence"]["partitions"][0]["errors"][hostile] = 1;
  const auto html = render_page(run);
  CHECK(occurrences(html, "<script") == clean);
  CHECK(html.find("<img") == std::string::npos);
  CHECK(html.find("&lt;script&gt;") != std::string::npos);
}

TEST_CASE("page: loads nothing and names its own style and script in its policy") {
  const auto html = render_page(record("quickstart"));
  CHECK(html.find("default-src 'none'") != std::string::npos);
  std::size_t at = 0;
  const auto style = between(html, at, "<style>", "</style>");
  CHECK(html.find("style-src " + page::csp_hash(style)) != std::string::npos);
  at = html.rfind("<script>");
  const auto script = between(html, at, "<script>", "</script>");
  CHECK(html.find("script-src " + page::csp_hash(script)) != std::string::npos);
  const auto shown = visible(html);
  for (const char* forbidden : {" src=", "@import", "url(", " style=", " onclick=", "<link"}) {
    INFO(forbidden);
    CHECK(shown.find(forbidden) == std::string::npos);
  }
  CHECK(occurrences(shown, "://") == occurrences(shown, "http://www.w3.org/2000/svg"));
}

TEST_CASE("page: says what it is no evidence for, and what is missing") {
  const auto quickstart = visible(render_page(record("quickstart")));
  const auto partial = visible(render_page(record("partial")));
  const auto mock = visible(render_page(record("mock")));
  const auto empty = visible(render_page(record("empty")));
  CHECK(quickstart.find("class=\"banner") == std::string::npos);
  CHECK(partial.find("Partial record.") != std::string::npos);
  CHECK(partial.find("The run ended before it was judged") != std::string::npos);
  CHECK(partial.find("not recorded") != std::string::npos);
  CHECK(empty.find("Latency: <span class=\"none\">not recorded</span>") != std::string::npos);
  CHECK(mock.find("this run is no evidence about Kafka") != std::string::npos);
  CHECK(mock.find("Closed loop:") != std::string::npos);
  CHECK(mock.find("Generator-limited:") != std::string::npos);
  CHECK(quickstart.find("no evidence about Kafka") == std::string::npos);
}

TEST_CASE("page: each chart has a title, a description and its numbers") {
  const auto html = render_page(record("quickstart"));
  const auto charts = occurrences(html, "<svg ");
  // percentiles, wide and narrow; 4 panels of 2 variants, side by side; 6 of one variant's brokers
  CHECK(charts == 2 + 4 * 2 + 6);
  CHECK(occurrences(html, "<desc>") == charts);
  CHECK(occurrences(html, "<details class=\"numbers\">") == 1 + 4 * 2 + 1);
}

namespace {

// Removes members and elements at random: what a record looks like that was cut anywhere.
void cut(json& value, std::mt19937& random) {
  if (value.is_object()) {
    for (auto it = value.begin(); it != value.end();) {
      if (random() % 12 == 0) {
        it = value.erase(it);
      } else {
        if (random() % 40 == 0) *it = nullptr;
        else cut(*it, random);
        ++it;
      }
    }
  } else if (value.is_array() && !value.empty()) {
    if (random() % 8 == 0) value.erase(value.size() / 2);
    for (auto& inner : value) cut(inner, random);
  }
}

}  // namespace

TEST_CASE("page: renders whatever part of a record there is, and only its numbers") {
  for (unsigned seed = 0; seed < 25; ++seed) {
    std::mt19937 random(seed);
    auto run = record("quickstart");
    cut(run, random);
    run["partial"] = true;
    INFO("seed " << seed);
    CHECK(visible(render_page(run)).find("Partial record.") != std::string::npos);
    check_numbers(run, 1);
  }
  CHECK_FALSE(render_page(json(nullptr)).empty());
  const auto odd = json::parse(R"({"trials": {"a": 1}, "variants": 7, "run": []})");
  CHECK_FALSE(render_page(odd).empty());
}

namespace {

// `repeats` trials of each variant of the quickstart, told apart by what `change` does to them.
seatrial::record::RunRecord repeated(int repeats, const std::function<void(json&)>& change) {
  json run = record("quickstart");
  const json trials = run["trials"];
  run["trials"] = json::array();
  for (int repeat = 0; repeat < repeats; ++repeat) {
    for (json trial : trials) {
      trial["index"] = run["trials"].size();
      trial["repeat"] = repeat;
      change(trial);
      run["trials"].push_back(std::move(trial));
    }
  }
  std::vector<std::string> taken_out;
  auto read = seatrial::record::RunRecord::read(run.dump(), taken_out);
  REQUIRE(read);
  return std::move(*read);
}

std::size_t count_of(const std::string& text, const std::string& words) {
  std::size_t count = 0;
  for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("page: few trials are drawn in full, and many only as one of each variant") {
  const auto few = repeated(4, [](json&) {});
  CHECK(page::drawn_trials(few.view()).size() == 8);
  CHECK(seatrial::reports::render_page(few).find("id=\"trials\"") == std::string::npos);

  const auto many = repeated(100, [](json& trial) {
    if (trial["index"] == 5) trial["verdict"] = "fail";
  });
  CHECK(page::drawn_trials(many.view()) == std::vector<std::size_t>{0, 1});
  const auto text = seatrial::reports::render_page(many);
  CHECK(text.size() < 3'000'000);
  CHECK(count_of(text, "viewBox=\"0 0 240 96\"") == 2);  // a variant
  CHECK(text.find("99 pass") != std::string::npos);
  CHECK(text.find("1 fail") != std::string::npos);
  CHECK(text.find("carries 2 of 200 trials") != std::string::npos);
  CHECK(text.find("Verdicts of all trials") != std::string::npos);
}

TEST_CASE("page: of many variants those that did not pass are drawn first") {
  const auto many = repeated(6, [](json& trial) {
    trial["variant"] = "v" + std::to_string(trial["index"].get<int>());
    if (trial["index"] == 10) trial["verdict"] = "unknown";
  });
  CHECK(page::drawn_trials(many.view()) == std::vector<std::size_t>{0, 1, 2, 10});
}

TEST_CASE("page: a trial alone has its own verdict, and no sums over others") {
  const auto many = repeated(5, [](json& trial) {
    if (trial["index"] != 6) return;
    trial["verdict"] = "fail";
    trial["reasons"] = {"what only this trial did"};
  });
  const auto one = many.of_trial(6);
  CHECK(one["trials"].size() == 1);
  CHECK(one["verdict"]["overall"].is("fail"));
  CHECK_FALSE(one["variants"]);
  const auto text = seatrial::reports::render_page(one);
  CHECK(text.find("what only this trial did") != std::string::npos);
  CHECK(text.find("id=\"trials\"") == std::string::npos);
  const auto none = many.of_trial(99);
  CHECK(none["trials"].size() == 0);
}

TEST_CASE("page: panels come in order, each once") {
  const auto& panels = page::panels();
  REQUIRE(panels.size() == 20);
  for (std::size_t i = 1; i < panels.size(); ++i) CHECK(panels[i - 1].order < panels[i].order);
}

TEST_CASE("sha256: vectors of the standard") {
  CHECK(page::csp_hash("") == "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");
  CHECK(page::csp_hash("abc") == "'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='");
  const auto digest = page::sha256(std::string(1'000'000, 'a'));
  CHECK(digest[0] == 0xcd);
  CHECK(digest[1] == 0xc7);
  CHECK(digest[31] == 0xd0);
  CHECK(page::base64("f") == "Zg==");
  CHECK(page::base64("fo") == "Zm8=");
  CHECK(page::base64("foo") == "Zm9v");
}
