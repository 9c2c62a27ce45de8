// The settings in force, as clients, topics and brokers report them: those that differ between
// variants first, then those that the scenario names, the rest behind a fold.
#include <map>

#include "reports/page/html.hpp"
#include "reports/page/panel.hpp"
#include "reports/summary.hpp"

namespace seatrial::reports::page {

namespace {

// One column per variant, one row per property; absent where a variant does not have it.
struct Matrix {
  std::vector<std::string> columns;
  std::map<std::string, std::vector<View>> rows;
  void add(std::size_t column, const View& properties) {
    for (const auto& [name, value] : properties.entries()) {
      auto& row = rows[name];
      row.resize(columns.size());
      row[column] = value;
    }
  }
};

bool differs(const std::vector<View>& row) {
  for (const auto& value : row) {
    if (value.json() != row.front().json()) return true;
  }
  return false;
}

bool named_in(const std::string& text, const std::string& property) {
  return text.find(property + ":") != std::string::npos;
}

std::string matrix_html(const Matrix& matrix, const std::string& heading, const View& record) {
  if (matrix.rows.empty()) return "<h4>" + heading + "</h4>\n<p>" + absent() + "</p>\n";
  std::vector<Table::Head> heads = {{"Property"}};
  for (const auto& column : matrix.columns) heads.push_back({column});
  Table shown(heads);
  Table rest(heads);
  const auto scenario = record["scenario"]["text"].text();
  std::size_t folded = 0;
  for (const int pass : {0, 1, 2}) {
    for (const auto& [name, row] : matrix.rows) {
      const int rank = differs(row) ? 0 : named_in(scenario, name) ? 1 : 2;
      if (rank != pass) continue;
      std::vector<std::string> cells = {"<code>" + escape(name) + "</code>"};
      for (const auto& value : row) cells.push_back(code(value));
      if (rank == 2) ++folded;
      (rank == 2 ? rest : shown).row(cells, rank == 0 ? "differs" : "");
    }
  }
  std::string out = "<h4>" + heading + "</h4>\n";
  if (!shown.empty()) out += shown.html(heading);
  if (folded > 0) {
    out += details(shown.empty() ? "All properties" : "The other properties", rest.html(heading));
  }
  return out;
}

Matrix matrix_for(const View& record) {
  Matrix matrix;
  matrix.columns = variant_names(record);
  return matrix;
}

std::string render(const View& record) {
  auto brokers = matrix_for(record);
  auto quotas = matrix_for(record);
  std::map<std::string, Matrix> clients;
  std::map<std::string, Matrix> topics;
  for (std::size_t i = 0; i < brokers.columns.size(); ++i) {
    const auto trial = shown_trial(record, brokers.columns[i]);
    brokers.add(i, trial["effective_broker_config"]);
    quotas.add(i, trial["quotas"]);
    for (const auto& workload : trial["workloads"].items()) {
      const auto name = workload["name"].text("?");
      auto& matrix = clients.try_emplace(name, matrix_for(record)).first->second;
      matrix.add(i, workload["effective_config"]);
    }
    for (const auto& topic : trial["topics"].items()) {
      const auto name = topic["name"].text("?");
      auto& matrix = topics.try_emplace(name, matrix_for(record)).first->second;
      for (const auto* member : {"partitions", "replication"}) {
        auto& row = matrix.rows[member];
        row.resize(matrix.columns.size());
        row[i] = topic[member];
      }
      matrix.add(i, topic["config"]);
    }
  }
  std::string out;
  for (const auto& [name, matrix] : clients) {
    out += matrix_html(matrix, "Client of " + escape(name), record);
  }
  for (const auto& [name, matrix] : topics) {
    out += matrix_html(matrix, "Topic " + escape(name), record);
  }
  if (!quotas.rows.empty()) out += matrix_html(quotas, "Quotas of each client.id", record);
  return out + matrix_html(brokers, "Brokers", record);
}

const PanelRegistration registered{
    {.order = 110,
     .id = "configuration",
     .title = "Effective configuration",
     .note = "What was really in force, defaults included. Marked rows differ between variants.",
     .render = render}};

}  // namespace

}  // namespace seatrial::reports::page
