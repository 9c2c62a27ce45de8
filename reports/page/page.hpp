// The run as one HTML file: no network, no third-party script, readable without JavaScript. Every
// number on it comes from the record and names its place there (see html.hpp). Panels are under
// panels/.
#pragma once

#include <string>

#include "core/view.hpp"
#include "record/run_record.hpp"

namespace seatrial::reports {

// All of its trials in full.
std::string render_page(const View& record);
// Where they are many, some in full, and of the others what compares them.
std::string render_page(const record::RunRecord& record);

namespace page {

// What any page of ours begins and ends with. `title` is plain text; `body` and `head` are markup.
std::string framed(const std::string& title, const std::string& head, const std::string& body,
                   const View& data);
// A part of the body with a heading. `title` is plain text; `body` is markup.
std::string section(const std::string& id, const std::string& title, const std::string& body);

}  // namespace page

}  // namespace seatrial::reports
