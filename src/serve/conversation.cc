#include "serve/conversation.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace millrace::serve {

std::span<char> Conversation::room() {
  constexpr std::size_t kFirst = 2048;  // most heads are shorter, and ten thousand idle clients have one each
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= std::exchange(begin_, 0);
  }
  if (end_ == buffer_.size()) buffer_.resize(std::max(kFirst, buffer_.size() * 2));
  return std::span(buffer_).subspan(end_);
}

bool Conversation::step(Answers& answers) {
  if (begin_ == end_) return false;
  const std::string_view bytes(buffer_.data() + begin_, end_ - begin_);
  const auto scanned = scan_.scan(bytes);
  if (const auto* problem = std::get_if<Problem>(&scanned)) {
    refuse(*problem, {}, answers);
    return true;
  }
  const std::size_t size = std::get<std::size_t>(scanned);
  if (size == 0) return false;
  begin_ += size;
  scan_ = {};
  const auto parsed = parse_head(bytes.substr(0, size));
  if (const auto* problem = std::get_if<Problem>(&parsed))
    refuse(*problem, {}, answers);
  else
    answer(std::get<RequestHead>(parsed), answers);
  return true;
}

void Conversation::answer(const RequestHead& head, Answers& answers) {
  const bool is_head = head.request.method == "HEAD";
  if (head.has_body && (is_head || head.request.method == "GET"))
    return refuse({400, "unexpected_content", "the request announces content, which GET and HEAD have none of"},
                  head.request.target, answers);
  // Content that is not read must not be taken for the next request.
  leaves_input_ = head.has_body;
  const bool keep = head.keep_alive && !head.has_body && !answers.closing();
  const After after = !keep ? After::close : head.http_1_0 ? After::keep_http_1_0 : After::keep;
  reply(answers.answer(head.request), after, !is_head, answers);
}

void Conversation::refuse(const Problem& problem, std::string_view instance, Answers& answers) {
  leaves_input_ = true;
  reply(to_response(problem, instance), After::close, true, answers);
}

void Conversation::time_out(Answers& answers) {
  refuse({408, "request_timeout", "the request was not complete in time"}, {}, answers);
}

void Conversation::reply(Response response, After after, bool with_body, Answers& answers) {
  response_ = std::move(response);
  with_body_ = with_body;
  closes_ = after == After::close;
  head_.clear();
  append_head(head_, response_, answers.date(), after);
}

std::string_view Conversation::body() const {
  return with_body_ ? std::string_view(response_.body) : std::string_view{};
}

}  // namespace millrace::serve
