// `of` holds each open node's least reachable number until its component is closed.
#include "core/components.hpp"

#include <algorithm>
#include <utility>

namespace seatrial {
namespace {

class Search {
 public:
  explicit Search(const Adjacency& graph) : graph_(graph), number_(graph.nodes(), unseen) {
    out_.of.resize(graph.nodes());
  }

  Components run() {
    for (std::uint32_t node = 0; node < number_.size(); ++node) {
      if (number_[node] == unseen) explore(node);
    }
    return std::move(out_);
  }

 private:
  static constexpr std::uint32_t unseen = 0xffff'ffff, closed = unseen - 1;
  struct Frame {
    std::uint32_t node, next;  // and its next edge
  };

  void enter(std::uint32_t node) {
    number_[node] = out_.of[node] = last_number_++;
    open_.push_back(node);
    frames_.push_back({node, graph_.begin[node]});
  }

  void explore(std::uint32_t root) {
    enter(root);
    while (!frames_.empty()) {
      Frame& frame = frames_.back();
      if (frame.next < graph_.begin[frame.node + 1ULL]) follow(frame.node, graph_.to[frame.next++]);
      else leave(frame.node);
    }
  }

  void follow(std::uint32_t from, std::uint32_t to) {
    if (number_[to] == unseen) return enter(to);
    if (number_[to] != closed) out_.of[from] = std::min(out_.of[from], number_[to]);
  }

  void leave(std::uint32_t node) {
    frames_.pop_back();
    if (!frames_.empty()) {
      std::uint32_t& above = out_.of[frames_.back().node];
      above = std::min(above, out_.of[node]);
    }
    if (out_.of[node] == number_[node]) close(node);
  }

  void close(std::uint32_t root) {
    std::uint32_t node = unseen;
    do {
      node = open_.back();
      open_.pop_back();
      number_[node] = closed;
      out_.of[node] = out_.count;
    } while (node != root);
    ++out_.count;
  }

  const Adjacency& graph_;
  Components out_;
  std::vector<std::uint32_t> number_, open_;
  std::vector<Frame> frames_;
  std::uint32_t last_number_ = 0;
};

}  // namespace

Components strong_components(const Adjacency& graph) { return Search(graph).run(); }

}  // namespace seatrial
