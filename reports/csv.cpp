// The series by second as a tidy table (RFC 4180), a value a row: what the page's charts are drawn
// from, for spreadsheets and data frames.
//
// The column `workload` says whose a value is: a workload's by its name, a broker's as "node 1",
// the load generator's machine's as "the machine". Seconds count from the beginning of measure.
#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <string_view>
#include <vector>

#include "core/registry.hpp"
#include "record/report.hpp"
#include "reports/format.hpp"

namespace seatrial::reports {
namespace {

// A field as a reader takes it for text. Spreadsheets run what begins with one of these marks as a
// formula; a record may be anybody's, so they get an apostrophe in front, as such programs do.
std::string field(std::string_view text) {
  std::string plain = one_line(text);
  const auto first = plain.find_first_not_of(' ');
  if (first != plain.npos && std::string_view("=+-@").find(plain[first]) != std::string_view::npos)
    plain.insert(0, 1, '\'');
  if (plain.find_first_of("\",") == plain.npos) return plain;
  std::string out = "\"";
  for (const char c : plain) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

// By the end of a field's name in the record, which is left out of the metric's.
struct Unit {
  std::string_view ending;
  const char* unit;
};
constexpr Unit units[] = {{"_ns", "ns"}, {"_bytes", "bytes"}};

class Rows {
 public:
  void trial(std::size_t number, const View& trial) {
    trial_ = std::to_string(number) + "," + field(trial["variant"].text("?")) + "," +
             field(trial["repeat"].text()) + ",";
  }
  // `otherwise`: the unit of fields whose names have none.
  void value(const std::string& whose, std::string metric, const char* otherwise, double second,
             const View& value) {
    const auto number = value.number();
    if (!number || !std::isfinite(*number) || !std::isfinite(second)) return;
    const char* unit = otherwise;
    for (const Unit& known : units) {
      if (!metric.ends_with(known.ending)) continue;
      metric.resize(metric.size() - known.ending.size());
      unit = known.unit;
    }
    text_ += trial_ + field(whose) + "," + field(metric) + "," + unit + "," +
             fmt::format("{}", second) + "," + value.text() + "\r\n";
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string trial_;
  std::string text_ = "trial,variant,repeat,workload,metric,unit,second,value\r\n";
};

// When and of what a point is: no number of its own.
bool is_place(std::string_view key) { return key == "t_s" || key == "length_s" || key == "node"; }

// Every number of a point, those below it too: `response.p99`, `requests.produce.total`.
void add_numbers(Rows& rows, const std::string& whose, const std::string& before, const View& point,
                 double second, const char* otherwise) {
  for (const auto& [key, value] : point.entries()) {
    if (before.empty() && is_place(key)) continue;
    const std::string name = before.empty() ? key : before + "." + key;
    if (value.size() > 0) add_numbers(rows, whose, name, value, second, otherwise);
    else rows.value(whose, name, otherwise, second, value);
  }
}

void add_series(Rows& rows, const View& trial) {
  for (const View& series : trial["series"].items()) {
    for (const View& point : series["points"].items()) {
      const auto second = point["t_s"].number();
      if (second) add_numbers(rows, series["workload"].text("?"), "", point, *second, "messages");
    }
  }
}

void add_nodes(Rows& rows, const View& trial) {
  for (const View& point : trial["broker_series"].items()) {
    const auto second = point["t_s"].number();
    const std::string whose = "node " + point["node"].text("?");
    if (!second) continue;
    for (const auto& [key, value] : point.entries()) {
      if (is_place(key)) continue;
      const char* unit = key == "cpu" || key == "cpu_max" ? "cores" : "";
      if (value.size() > 0) add_numbers(rows, whose, key, value, *second, unit);
      else rows.value(whose, key, unit, *second, value);
    }
  }
  for (const View& node : trial["brokers"].items()) {
    for (const View& pause : node["gc"]["pauses"].items()) {
      if (const auto second = pause.at(0).number())
        rows.value("node " + node["node"].text("?"), "gc_pause_ns", "", *second, pause.at(1));
    }
  }
}

void add_machine(Rows& rows, const View& trial) {
  for (const View& point : trial["machine"].items()) {
    if (const auto second = point["t_s"].number())
      add_numbers(rows, "the machine", "", point, *second, "");
  }
}

class CsvReport final : public Report {
 public:
  [[nodiscard]] std::string render(const record::RunRecord& record) const override {
    Rows rows;
    std::size_t number = 0;
    for (const View& trial : record["trials"].items()) {
      rows.trial(++number, trial);
      add_series(rows, trial);
      add_nodes(rows, trial);
      add_machine(rows, trial);
    }
    return rows.take();
  }
};

const Registration<Report> registered{{
    .name = "csv",
    .help = "the series by second, a value a row (RFC 4180): spreadsheets and data frames",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Report> { return std::make_unique<CsvReport>(); },
}};

}  // namespace
}  // namespace seatrial::reports
