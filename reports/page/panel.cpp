// The panels in their order; each file under panels/ adds one.
#include "reports/page/panel.hpp"

#include <algorithm>

namespace seatrial::reports::page {

namespace {

std::vector<Panel>& registered() {
  static std::vector<Panel> all;
  return all;
}

}  // namespace

const std::vector<Panel>& panels() { return registered(); }

PanelRegistration::PanelRegistration(Panel panel) {
  auto& all = registered();
  // Kept in order; equal orders by id, so that the page does not depend on the order of linking.
  const auto before = [](const Panel& a, const Panel& b) {
    return a.order != b.order ? a.order < b.order : a.id < b.id;
  };
  all.insert(std::upper_bound(all.begin(), all.end(), panel, before), std::move(panel));
}

}  // namespace seatrial::reports::page
