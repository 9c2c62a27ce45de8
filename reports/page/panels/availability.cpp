// When each partition could not be written to: spans in which messages were due and none was acked.
#include <algorithm>

#include "reports/format.hpp"
#include "reports/page/figure.hpp"
#include "reports/page/html.hpp"
#include "reports/page/panel.hpp"
#include "reports/page/timeline.hpp"
#include "reports/summary.hpp"

namespace seatrial::reports::page {

namespace {

constexpr double row_height = 24;
constexpr std::size_t max_rows = 32;

std::string name_of(const View& partition) {
  return partition["topic"].text("?") + "/" + partition["partition"].text("?");
}

std::vector<std::string> names_of(const std::vector<View>& rows) {
  std::vector<std::string> names;
  for (const auto& row : rows) names.push_back(name_of(row));
  return names;
}

// All partitions, or the worst of them, in the record's order.
std::vector<View> rows_of(const View& trial) {
  auto rows = trial["availability"].items();
  if (rows.size() <= max_rows) return rows;
  std::stable_sort(rows.begin(), rows.end(), [](const View& a, const View& b) {
    return a["longest_ns"].number().value_or(0) > b["longest_ns"].number().value_or(0);
  });
  rows.resize(max_rows);
  return rows;
}

void draw_gaps(Svg& svg, const View& partition, const Scale& x, double top) {
  double labelled_to = 0;
  const auto gaps = partition["gaps"].items();
  for (std::size_t i = 0; i < gaps.size(); ++i) {
    const auto from = gaps[i]["from_s"].number();
    const auto to = gaps[i]["to_s"].number();
    if (!from || !to) continue;
    const auto length = decimal(*to - *from, 2) + " s";
    const double end = std::max(x(*to), x(*from) + 2);
    svg.rect(x(*from), top + 5, end - x(*from), row_height - 10, "gap",
             name_of(partition) + " unavailable for " + length + ", from " +
                 seconds_text(gaps[i]["from_s"], "") + " to " + seconds_text(gaps[i]["to_s"], ""));
    const auto next = i + 1 < gaps.size() ? gaps[i + 1]["from_s"].number() : std::nullopt;
    const double room_to = next ? x(*next) : x.px_to;
    if (end + 6 + text_width(length) <= room_to && end >= labelled_to) {
      svg.text({end + 5, top + row_height / 2 + 4}, Svg::Anchor::start, length, "gap-label");
      labelled_to = end + 5 + text_width(length);
    }
  }
}

void draw(Svg& svg, const View& trial, const std::vector<View>& rows, Span span) {
  const auto names = names_of(rows);
  const double left = left_margin(names, svg.size());
  const auto frame = draw_time_frame(svg, trial, span, left);
  const auto letters = static_cast<std::size_t>((left - 10) / 6.2);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double top = frame.top + static_cast<double>(i) * row_height;
    svg.text({left - 8, top + row_height / 2 + 4}, Svg::Anchor::end, clip(names[i], letters));
    svg.rect(frame.x.px_from, top + row_height / 2 - 1.5, frame.x.px_to - frame.x.px_from, 3, "up");
    draw_gaps(svg, rows[i], frame.x, top);
  }
  svg.set_plot(plot_json("time", frame.x, frame.top, frame.bottom, {}));
}

std::string numbers(const View& trial) {
  using Align = Table::Align;
  Table table({{"Partition"}, {"Longest", Align::right}, {"From", Align::right},
               {"To", Align::right}});
  for (const auto& partition : trial["availability"].items()) {
    const auto name = text(partition["topic"]) + "/" + text(partition["partition"]);
    if (partition["gaps"].size() == 0) {
      table.row({name, duration(partition["longest_ns"]), "none", "none"});
    }
    for (const auto& gap : partition["gaps"].items()) {
      table.row({name, duration(partition["longest_ns"]), seconds(gap["from_s"]),
                 seconds(gap["to_s"])});
    }
  }
  return table.html("Unavailable spans per partition");
}

std::string render_trial(const View& record, const View& trial) {
  const auto span = time_span(record);
  const auto rows = rows_of(trial);
  const auto heading = trial_heading(record, trial);
  if (rows.empty() || span.empty()) {
    return "<p>" + escape(heading) + ", availability: " + absent() + ".</p>\n";
  }
  auto figure =
      time_figure(record, trial, span, left_margin(names_of(rows), {wide_width, 0, false}),
                  left_margin(names_of(rows), {narrow_width, 0, true}),
                  static_cast<double>(rows.size()) * row_height);
  figure.heading = heading;
  if (rows.size() < trial["availability"].size()) figure.heading += " (the worst partitions)";
  figure.description = "One row per partition; red spans are those without any ack while messages "
                       "were due.";
  figure.legend = {{"", "acked, or nothing due", "k-up", "line"},
                   {"", "unavailable", "k-gap", "box"}};
  figure.draw = [&](Svg& svg) { draw(svg, trial, rows, span); };
  figure.table_html = numbers(trial);
  return html(figure);
}

std::string render(const View& record) {
  const auto out = per_trial(record, render_trial);
  return out.empty() ? "<p>Availability: " + absent() + ".</p>\n" : out;
}

const PanelRegistration registered{
    {.order = 70,
     .id = "availability",
     .title = "Availability",
     .note = "A partition is unavailable while messages were due on it and none was acked.",
     .render = render}};

}  // namespace

}  // namespace seatrial::reports::page
