// Who led each partition, and how many replicas were in sync, over time.
#include <algorithm>
#include <map>
#include <set>

#include "reports/format.hpp"
#include "reports/page/figure.hpp"
#include "reports/page/html.hpp"
#include "reports/page/panel.hpp"
#include "reports/page/timeline.hpp"
#include "reports/summary.hpp"

namespace seatrial::reports::page {

namespace {

constexpr double row_height = 30;
constexpr std::size_t max_rows = 32;

struct Row {
  std::string name;
  std::size_t full_isr = 0;    // the largest seen
  std::vector<View> states;    // in order of time
};

std::vector<Row> rows_of(const View& trial) {
  std::vector<Row> rows;
  std::map<std::string, std::size_t> index;
  for (const auto& state : trial["leadership"].items()) {
    const auto name = state["topic"].text("?") + "/" + state["partition"].text("?");
    const auto [it, fresh] = index.emplace(name, rows.size());
    if (fresh) rows.push_back({name, 0, {}});
    auto& row = rows[it->second];
    row.full_isr = std::max(row.full_isr, state["isr"].size());
    row.states.push_back(state);
  }
  // Where not all fit, those that changed are worth more than those that did not.
  if (rows.size() > max_rows) {
    std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
      return a.states.size() > b.states.size();
    });
    rows.resize(max_rows);
  }
  return rows;
}

std::vector<std::string> names_of(const std::vector<Row>& rows) {
  std::vector<std::string> names;
  for (const auto& row : rows) names.push_back(row.name);
  return names;
}

std::string node_kind(const View& leader) {
  const auto id = leader.integer();
  if (!id || *id < 0) return "nobody";
  return "n" + std::to_string(*id % 6);
}

void draw_state(Svg& svg, const Row& row, std::size_t i, const Scale& x, double top) {
  const auto& state = row.states[i];
  const auto from = state["t_s"].number();
  if (!from || *from >= x.to) return;
  const auto next = i + 1 < row.states.size() ? row.states[i + 1]["t_s"].number() : std::nullopt;
  const double x1 = x(*from);
  const double width = x(next.value_or(x.to)) - x1;
  const auto leader = node_kind(state["leader"]);
  const auto isr = list_text(state["isr"]);
  const auto title = row.name + " from " + seconds_text(state["t_s"], "?") + ": leader " +
                     state["leader"].text("?") + ", epoch " + state["epoch"].text("?") +
                     ", in sync " + (isr.empty() ? "none" : isr);
  svg.rect(x1, top + 4, std::max(width - 1, 1.0), 14, "leader " + leader, title);
  const auto label = leader == "nobody" ? std::string("none") : state["leader"].text();
  if (width > text_width(label) + 8) {
    svg.text({x1 + 5, top + 15}, Svg::Anchor::start, label, "on-node");
  }
  if (state["isr"] && state["isr"].size() < row.full_isr) {
    svg.rect(x1, top + 20, std::max(width - 1, 1.0), 5,
             state["isr"].size() <= 1 ? "isr-one" : "isr-less", title);
  }
}

void draw(Svg& svg, const View& trial, const std::vector<Row>& rows, Span span) {
  const auto names = names_of(rows);
  const double left = left_margin(names, svg.size());
  const auto frame = draw_time_frame(svg, trial, span, left);
  const auto letters = static_cast<std::size_t>((left - 10) / 6.2);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const double top = frame.top + static_cast<double>(r) * row_height;
    svg.text({left - 8, top + 15}, Svg::Anchor::end, clip(names[r], letters));
    for (std::size_t i = 0; i < rows[r].states.size(); ++i) {
      draw_state(svg, rows[r], i, frame.x, top);
    }
  }
  svg.set_plot(plot_json("time", frame.x, frame.top, frame.bottom, {}));
}

std::string numbers(const View& trial) {
  using Align = Table::Align;
  Table table({{"Partition"}, {"From", Align::right}, {"Leader", Align::right},
               {"Epoch", Align::right}, {"In sync"}});
  for (const auto& state : trial["leadership"].items()) {
    table.row({text(state["topic"]) + "/" + text(state["partition"]), seconds(state["t_s"]),
               number(state["leader"]), number(state["epoch"]), list(state["isr"])});
  }
  return table.html("Leader and in-sync replicas");
}

std::vector<Key> legend_of(const std::vector<Row>& rows) {
  std::set<std::int64_t> leaders;
  for (const auto& row : rows) {
    for (const auto& state : row.states) leaders.insert(state["leader"].integer().value_or(-1));
  }
  std::vector<Key> legend;
  for (const auto leader : leaders) {
    if (leader < 0) continue;
    legend.push_back({"", "led by " + std::to_string(leader), "k-n" + std::to_string(leader % 6),
                      "box"});
  }
  if (leaders.contains(-1)) legend.push_back({"", "no leader", "k-nobody", "box"});
  legend.push_back({"", "some replica out of sync", "k-isr-less", "box"});
  legend.push_back({"", "only one in sync", "k-isr-one", "box"});
  return legend;
}

std::string render_trial(const View& record, const View& trial) {
  const auto span = time_span(record);
  const auto rows = rows_of(trial);
  const auto heading = trial_heading(record, trial);
  if (rows.empty() || span.empty()) {
    return "<p>" + escape(heading) + ", leaders and in-sync replicas: " + absent() + ".</p>\n";
  }
  auto figure =
      time_figure(record, trial, span, left_margin(names_of(rows), {wide_width, 0, false}),
                  left_margin(names_of(rows), {narrow_width, 0, true}),
                  static_cast<double>(rows.size()) * row_height);
  figure.heading = heading;
  figure.description = "One row per partition: the bar shows which node led it, the line under it "
                       "where replicas were out of sync.";
  figure.legend = legend_of(rows);
  figure.draw = [&](Svg& svg) { draw(svg, trial, rows, span); };
  figure.table_html = numbers(trial);
  return html(figure);
}

std::string render(const View& record) {
  const auto out = per_trial(record, render_trial);
  return out.empty() ? "<p>Leaders and in-sync replicas: " + absent() + ".</p>\n" : out;
}

const PanelRegistration registered{
    {.order = 80,
     .id = "leadership",
     .title = "Leaders and in-sync replicas",
     .note = "As the cluster itself reported it. With acks=all a message is acked when every "
             "in-sync replica has it; where only one is in sync, nothing else protects it.",
     .render = render}};

}  // namespace

}  // namespace seatrial::reports::page
