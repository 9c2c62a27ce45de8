// Columns of rows; absent cells say so.
#include "reports/variant_table.hpp"

#include <algorithm>
#include <utility>

#include "reports/format.hpp"

namespace seatrial::reports {
namespace {

using Rows = std::vector<VariantRow>;
using Format = std::string (*)(const View& value, std::string_view otherwise);

TableColumn column(const Rows& rows, std::string header, View VariantRow::*field, Format format) {
  TableColumn made{std::move(header), {}};
  for (const auto& row : rows) made.cells.push_back(format(row.*field, table_none));
  return made;
}

TableColumn latency_column(const Rows& rows, std::string header, View VariantRow::*field) {
  TableColumn made{std::move(header), {}};
  for (const auto& row : rows) {
    const auto absent = row.measured ? "few" : table_none;
    made.cells.push_back(row.latency_known ? duration_text(row.*field, absent) : "unknown");
  }
  return made;
}

void add_asked(const Rows& rows, std::vector<TableColumn>& columns) {
  for (std::size_t i = 0; i < rows.front().asked.size(); ++i) {
    TableColumn made{rows.front().asked[i].header, {}};
    for (const auto& row : rows) made.cells.push_back(observed_text(row.asked[i]));
    columns.push_back(std::move(made));
  }
}

void add_counted(const Rows& rows, std::vector<TableColumn>& columns) {
  for (std::size_t i = 0; i < rows.front().counts.size(); ++i) {
    TableColumn made{rows.front().counts[i].header, {}};
    for (const auto& row : rows) made.cells.push_back(count_text(row.counts[i].value, table_none));
    columns.push_back(std::move(made));
  }
}

std::vector<TableColumn> message_columns(const Rows& rows) {
  std::vector<TableColumn> out = {column(rows, "trials", &VariantRow::trials, count_text)};
  add_asked(rows, out);
  out.push_back(column(rows, "acked", &VariantRow::acked, count_text));
  const auto usual = [&](std::string_view metric, std::string header, View VariantRow::*field) {
    if (!asks_for(rows.front(), metric))
      out.push_back(column(rows, std::move(header), field, count_text));
  };
  if (shows_loss(rows)) usual("acked_lost", "lost", &VariantRow::acked_lost);
  usual("duplicate", "dup", &VariantRow::duplicate);
  usual("reordered", "reord", &VariantRow::reordered);
  usual("unknown", "unknown", &VariantRow::unknown);
  usual("unsent", "unsent", &VariantRow::unsent);
  add_counted(rows, out);
  return out;
}

std::vector<TableColumn> time_columns(const Rows& rows) {
  std::vector<TableColumn> out = {
      latency_column(rows, "p50", &VariantRow::p50_ns),
      latency_column(rows, "p99", &VariantRow::p99_ns),
      latency_column(rows, "p99.9", &VariantRow::p999_ns),
      column(rows, "unavail", &VariantRow::longest_gap_ns, duration_text)};
  out.push_back({"verdict", {}});
  for (const auto& row : rows) {
    const auto verdict = upper(row.verdict.text(table_none));
    out.back().cells.push_back(verdict.empty() ? std::string(table_none) : verdict);
  }
  return out;
}

}  // namespace

std::size_t TableColumn::width() const {
  auto width = width_of(header);
  for (const auto& cell : cells) width = std::max(width, width_of(cell));
  return width;
}

VariantColumns variant_columns(const Rows& rows) {
  return {.messages = message_columns(rows), .times = time_columns(rows)};
}

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

}  // namespace seatrial::reports
