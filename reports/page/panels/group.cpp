// Who of a group worked on which partition, and when nobody did: an eager rebalance shows as a gap
// in every row, a cooperative one only in the rows of what moved.
#include <algorithm>
#include <set>

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

std::string colour_of(const View& owner) {
  return "n" + std::to_string((owner["member"].integer().value_or(1) - 1) % 6);
}

std::vector<std::string> names_of(const View& group) {
  std::vector<std::string> names;
  for (const auto& partition : group["partitions"].items()) {
    if (names.size() == max_rows) break;
    names.push_back("partition " + partition["partition"].text("?"));
  }
  return names;
}

void draw_owner(Svg& svg, const std::string& name, const View& owner, const Scale& x, double top) {
  const auto from = owner["from_s"].number();
  const auto to = owner["to_s"].number();
  if (!from || !to || *from >= x.to || *to <= x.from) return;
  const double x1 = x(std::max(*from, x.from));
  const double width = std::max(x(std::min(*to, x.to)) - x1 - 1, 1.0);
  const auto label = owner["member"].text("?");
  svg.rect(x1, top + 4, width, 14, "leader " + colour_of(owner),
           name + " worked on by member " + label + " from " + seconds_text(owner["from_s"], "?") +
               " to " + seconds_text(owner["to_s"], "?"));
  if (width > text_width(label) + 8) {
    svg.text({x1 + 5, top + 15}, Svg::Anchor::start, label, "on-node");
  }
}

void draw(Svg& svg, const View& trial, const View& group, Span span) {
  const auto names = names_of(group);
  const double left = left_margin(names, svg.size());
  const auto frame = draw_time_frame(svg, trial, span, left);
  const auto letters = static_cast<std::size_t>((left - 10) / 6.2);
  std::size_t row = 0;
  for (const auto& partition : group["partitions"].items()) {
    if (row == names.size()) break;
    const double top = frame.top + static_cast<double>(row) * row_height;
    svg.text({left - 8, top + 15}, Svg::Anchor::end, clip(names[row], letters));
    for (const auto& owner : partition["owners"].items()) {
      draw_owner(svg, names[row], owner, frame.x, top);
    }
    ++row;
  }
  svg.set_plot(plot_json("time", frame.x, frame.top, frame.bottom, {}));
}

std::vector<Key> legend_of(const View& group) {
  std::vector<Key> legend;
  std::int64_t number = 0;
  for (const auto& member : group["members"].items()) {
    if (++number > 6) break;
    legend.push_back({"", "member " + member["member"].text("?"),
                      "k-n" + std::to_string((number - 1) % 6), "box"});
  }
  return legend;
}

std::string unowned_html(const View& group) {
  using Align = Table::Align;
  Table table({{"Partition", Align::right},
               {"Times without a member", Align::right},
               {"Longest", Align::right}});
  for (const auto& partition : group["partitions"].items()) {
    table.row({number(partition["partition"]), std::to_string(partition["unowned"].size()),
               duration(partition["longest_unowned_ns"])});
  }
  return table.html("How long each partition had nobody to work on it");
}

std::string events_html(const View& group) {
  using Align = Table::Align;
  Table table({{"At", Align::right}, {"Member", Align::right}, {"What"}, {"Partitions"}, {""}});
  for (const auto& member : group["members"].items()) {
    for (const auto& event : member["events"].items()) {
      table.row({seconds(event["t_s"]), number(member["member"]), text(event["event"]),
                 event["partitions"] ? list(event["partitions"]) : "",
                 event["text"] ? text(event["text"]) : ""});
    }
  }
  return table.html("What happened to each member");
}

// Nobody owns a partition: what can be told is how the messages were shared out.
std::string render_share_group(const View& group, const View& totals, const std::string& heading) {
  using Align = Table::Align;
  Table table({{"Member", Align::right}, {"Messages handed to it", Align::right}});
  for (const auto& member : group["members"].items()) {
    table.row({number(member["member"]), count(member["handed"])});
  }
  return "<h3>" + escape(heading) + "</h3>\n" + table.html("How a share group's messages went") +
         details("What happened to each member", events_html(group)) +
         "<p>Refused acknowledgements: " + count(totals["refused_commits"]) +
         ". Messages handed over again: " + count(totals["redelivered"]) + ".</p>\n";
}

std::string render_group(const View& record, const View& trial, const View& workload) {
  const auto span = time_span(record);
  const auto& group = workload["group"];
  const auto names = names_of(group);
  const auto heading = trial_heading(record, trial) + ", " + workload["name"].text("?");
  if (group["share"].boolean().value_or(false)) {
    return render_share_group(group, workload["totals"], heading);
  }
  if (names.empty() || span.empty()) {
    return "<p>" + escape(heading) + ", members: " + absent() + ".</p>\n";
  }
  auto figure = time_figure(record, trial, span, left_margin(names, {wide_width, 0, false}),
                            left_margin(names, {narrow_width, 0, true}),
                            static_cast<double>(names.size()) * row_height);
  figure.heading = heading;
  figure.description =
      "One row per partition: the bar shows which member worked on it; where there "
      "is none, nobody did.";
  figure.legend = legend_of(group);
  figure.draw = [&](Svg& svg) { draw(svg, trial, group, span); };
  figure.table_html = unowned_html(group) + events_html(group);
  const auto& totals = workload["totals"];
  return html(figure) + "<p>Partitions taken from members that lived: " + count(totals["revoked"]) +
         ". Longest time without a member: " + duration(group["longest_unowned_ns"]) +
         ". Refused commits: " + count(totals["refused_commits"]) +
         ". Messages handed over again: " + count(totals["redelivered"]) + ".</p>\n";
}

std::string render_trial(const View& record, const View& trial) {
  std::string out;
  for (const auto& workload : trial["workloads"].items()) {
    if (workload["group"]) out += render_group(record, trial, workload);
  }
  return out;
}

const PanelRegistration registered{
    {.order = 85,
     .id = "group",
     .title = "Members of groups",
     .note =
         "As the members saw it themselves; one that is dead or stands still works on nothing. "
         "A member that stood still may work on what others have got meanwhile, until it learns "
         "of that. In a share group several work on a partition at a time, and none owns it.",
     .render = [](const View& record) { return per_trial(record, render_trial); }}};

}  // namespace

}  // namespace seatrial::reports::page
