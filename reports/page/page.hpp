// The run as one HTML file: no network, no third-party script, readable without JavaScript. Every
// number on it comes from the record and names its place there (see html.hpp). Panels are under
// panels/.
#pragma once

#include <string>

#include "core/view.hpp"

namespace seatrial::reports {

std::string render_page(const View& record);

}  // namespace seatrial::reports
