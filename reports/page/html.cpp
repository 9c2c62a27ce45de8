// Escaping, and elements that carry the place of their number in the record.
#include "reports/page/html.hpp"

#include "reports/format.hpp"

namespace seatrial::reports::page {

namespace {

std::string data(const View& value, const std::string& shown) {
  return "<data data-path=\"" + escape(value.path()) + "\" data-value=\"" + escape(value.json()) +
         "\">" + escape(shown) + "</data>";
}

using Format = std::string (*)(const View& value, std::string_view otherwise);

std::string shown_or_absent(const View& value, Format format) {
  const auto shown = format(value, "");
  return shown.empty() ? absent() : data(value, shown);
}

std::string_view meaning(const std::string& word) {
  if (word == "pass" || word == "held" || word == "effective" || word == "complete" ||
      word == "finished" || word == "good") {
    return "good";
  }
  if (word == "fail" || word == "failed" || word == "violation" || word == "error") return "bad";
  if (word == "expected" || word == "neutral" || word == "note") return "calm";
  return "warn";
}

constexpr std::string_view no_character = "\xEF\xBF\xBD";  // U+FFFD

// U+FFFE and U+FFFF, which XML cannot hold even where they are escaped.
bool is_no_character(std::string_view three) {
  return three == "\xEF\xBF\xBE" || three == "\xEF\xBF\xBF";
}

}  // namespace

std::string escape_in_single_quotes(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      case '\n': case '\t': out += c; break;
      default:
        if (is_no_character(text.substr(at, 3))) {
          out += no_character;
          at += 2;
        } else {
          // Control characters are no text in HTML; a mark is better than a parser's guess.
          out += static_cast<unsigned char>(c) < 0x20U || c == '\x7f' ? no_character
                                                                      : std::string_view(&c, 1);
        }
    }
  }
  return out;
}

std::string absent() { return "<span class=\"none\">not recorded</span>"; }
std::string count(const View& value) { return shown_or_absent(value, count_text); }
std::string duration(const View& ns) { return shown_or_absent(ns, duration_text); }
std::string bytes(const View& value) { return shown_or_absent(value, bytes_text); }
std::string seconds(const View& s) { return shown_or_absent(s, seconds_text); }
std::string number(const View& value) { return shown_or_absent(value, number_text); }
std::string share(const View& value) { return shown_or_absent(value, share_text); }

std::string text(const View& value) {
  if (!value) return absent();
  if (value.number()) return data(value, value.text());
  return escape(value.text(not_recorded));
}

std::string node_or_member(const View& entry) {
  return entry["member"] ? "member " + number(entry["member"]) : number(entry["node"]);
}

std::string code(const View& value) {
  return value ? "<code>" + text(value) + "</code>" : absent();
}

std::string pill(const View& word) {
  const auto shown = word.text("not recorded");
  return "<span class=\"pill " + std::string(word ? meaning(shown) : "warn") + "\">" +
         escape(shown) + "</span>";
}

std::string list(const View& array) {
  if (!array) return absent();
  std::string out;
  for (const auto& item : array.items()) {
    if (!out.empty()) out += ", ";
    out += text(item);
  }
  return out.empty() ? "none" : out;
}

std::string details(std::string_view summary_html, std::string_view body_html) {
  return "<details><summary>" + std::string(summary_html) + "</summary>\n" +
         std::string(body_html) + "</details>\n";
}

Table::Table(std::vector<Head> heads, std::string_view kind)
    : heads_(std::move(heads)), kind_(kind) {}

void Table::row(const std::vector<std::string>& cells_html, std::string_view kind) {
  ++rows_;
  body_ += kind.empty() ? "<tr>" : "<tr class=\"" + std::string(kind) + "\">";
  for (std::size_t i = 0; i < cells_html.size(); ++i) {
    const bool right = i < heads_.size() && heads_[i].align == Align::right;
    const std::string tag = i == 0 ? "th" : "td";
    body_ += "<" + tag + (i == 0 ? " scope=\"row\"" : "") + (right ? " class=\"r\"" : "") + ">" +
             cells_html[i] + "</" + tag + ">";
  }
  body_ += "</tr>\n";
}

std::string Table::html(std::string_view caption) const {
  std::string out = "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"" +
                    escape(caption) + "\"><table" +
                    (kind_.empty() ? "" : " class=\"" + kind_ + "\"") + ">\n<thead><tr>";
  for (const auto& head : heads_) {
    out += std::string("<th scope=\"col\"") + (head.align == Align::right ? " class=\"r\">" : ">") +
           escape(head.text) + "</th>";
  }
  return out + "</tr></thead>\n<tbody>\n" + body_ + "</tbody></table></div>\n";
}

}  // namespace seatrial::reports::page
