// The page's style sheet and script, put inline into every report.
#pragma once

#include <string_view>

namespace seatrial::reports::page {

extern const std::string_view page_css;
extern const std::string_view page_js;

}  // namespace seatrial::reports::page
