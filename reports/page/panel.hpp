// A panel is one section of the page: a pure function of the record, in one file under panels/,
// whose last lines register it. Panels appear by `order`; tens are spaced so that one fits between
// two others.
#pragma once

#include <string>
#include <vector>

#include "core/view.hpp"

namespace seatrial::reports::page {

struct Panel {
  int order = 0;
  std::string id;     // of the section, for links
  std::string title;  // heading; also in the page's table of contents
  std::string note{};  // one sentence under the heading: how to read it; may be empty
  // The section's body. Empty: the panel has nothing to say about this record and is left out.
  // What is missing though it belongs to the record renders as "not recorded".
  std::string (*render)(const View& record) = nullptr;
  // Of a page that draws only some trials, the others are not in that record. What a panel has to
  // say of all trials, and before the rest, it says here: little of each.
  std::string (*render_whole)(const View& record) = nullptr;
};

const std::vector<Panel>& panels();  // by order

struct PanelRegistration {
  explicit PanelRegistration(Panel panel);
};

}  // namespace seatrial::reports::page
