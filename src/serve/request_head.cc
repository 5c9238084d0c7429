#include "serve/request_head.h"

#include <fmt/format.h>

#include <boost/beast/http/basic_parser.hpp>
#include <optional>

#include "base/words.h"

namespace millrace::serve {
namespace {

namespace http = boost::beast::http;
using BeastView = boost::beast::string_view;
using ErrorCode = boost::beast::error_code;

Problem bad_request(std::string detail) { return {400, "bad_request", std::move(detail)}; }

std::string_view plain(BeastView text) { return {text.data(), text.size()}; }

/// Beast's parser reads and judges; this keeps the few fields that we look at.
class Parser final : public http::basic_parser<true> {
 public:
  RequestHead head;
  unsigned hosts = 0, lengths = 0, encodings = 0, conditions = 0;
  std::string_view encoding;

 private:
  void on_request_impl(http::verb, BeastView method, BeastView target, int version, ErrorCode&) override {
    head.request.method = plain(method);
    head.request.target = plain(target);
    head.http_1_0 = version == 10;
  }
  void on_field_impl(http::field name, BeastView, BeastView value, ErrorCode&) override {
    switch (name) {
      case http::field::host:
        ++hosts;
        head.request.host = plain(value);
        return;
      case http::field::content_length: ++lengths; return;
      case http::field::transfer_encoding:
        ++encodings;
        encoding = plain(value);
        return;
      case http::field::if_none_match:
        ++conditions;
        head.request.if_none_match = plain(value);
        return;
      default: return;
    }
  }
  void on_response_impl(int, BeastView, int, ErrorCode&) override {}
  void on_header_impl(ErrorCode&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}
  std::size_t on_body_impl(BeastView, ErrorCode&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, BeastView, ErrorCode&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, BeastView, ErrorCode&) override { return 0; }
  void on_finish_impl(ErrorCode&) override {}
};

bool is_host(std::string_view text) {
  // reg-name, IPv4, [IPv6] and a port: RFC 3986, 3.2.2.
  constexpr std::string_view kAllowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=%:[]";
  return text.find_first_not_of(kAllowed) == std::string_view::npos;
}

/// "http://host/path" becomes "/path", as RFC 9112, 3.2.2 asks of servers.
std::optional<Problem> to_origin_form(Request& request) {
  const std::string scheme = to_lower_ascii(request.target.substr(0, 7));
  if (scheme != "http://") return std::nullopt;
  const std::string_view rest = request.target.substr(7);
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  if (to_lower_ascii(rest.substr(0, slash)) != to_lower_ascii(request.host))
    return bad_request("the target names another host than the field Host");
  request.target = slash == rest.size() ? std::string_view("/") : rest.substr(slash);
  return std::nullopt;
}

std::optional<Problem> judge_framing(const Parser& parser) {
  const RequestHead& head = parser.head;
  if (parser.hosts > 1 || (parser.hosts == 0 && !head.http_1_0))
    return bad_request(fmt::format("found {} fields Host, expected one", parser.hosts));
  if (!is_host(head.request.host)) return bad_request("the field Host is no host and port");
  if (parser.lengths > 1) return bad_request("found several fields Content-Length, expected one at the most");
  if (parser.encodings > 1 || (parser.encodings == 1 && to_lower_ascii(parser.encoding) != "chunked"))
    return bad_request("found a Transfer-Encoding other than chunked");
  if (parser.encodings == 1 && head.http_1_0) return bad_request("HTTP/1.0 knows no Transfer-Encoding");
  if (const auto length = parser.content_length(); length && *length > kMostBodyBytes)
    return Problem{413, "content_too_large", fmt::format("the content has {} bytes; this server takes none", *length)};
  return std::nullopt;
}

}  // namespace

std::variant<std::size_t, Problem> HeadScan::scan(std::string_view bytes) {
  constexpr std::size_t kMostRequestLine = kMostTargetBytes + 64;  // method and version stand beside the target
  if (!bytes.empty() && (bytes[0] < 'A' || bytes[0] > 'Z'))
    return bad_request("the connection does not begin with an HTTP request; is it meant to be https?");
  for (;;) {
    const std::size_t end = bytes.find('\n', checked_);
    if (end == std::string_view::npos) {
      checked_ = bytes.size();
      if (lines_ == 0 && bytes.size() > kMostRequestLine)
        return Problem{414, "target_too_long",
                       fmt::format("expected a target of {} bytes at the most", kMostTargetBytes)};
      if (bytes.size() >= kMostHeadBytes)
        return Problem{431, "head_too_large", fmt::format("expected a head of {} bytes at the most", kMostHeadBytes)};
      return std::size_t{0};
    }
    if (end == line_ || bytes[end - 1] != '\r') return bad_request("a line ends in LF alone, expected CR LF");
    if (end + 1 > kMostHeadBytes)
      return Problem{431, "head_too_large", fmt::format("expected a head of {} bytes at the most", kMostHeadBytes)};
    if (end == line_ + 1) return end + 1;
    if (bytes[line_] == ' ' || bytes[line_] == '\t') return bad_request("a field goes on in a second line (obs-fold)");
    if (++lines_ > kMostFields + 1)
      return Problem{431, "too_many_fields", fmt::format("expected {} fields at the most", kMostFields)};
    line_ = checked_ = end + 1;
  }
}

std::variant<RequestHead, Problem> parse_head(std::string_view head) {
  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(kMostHeadBytes + 1));
  parser.body_limit(boost::none);  // judged below, with a better message
  ErrorCode error;
  parser.put(boost::asio::const_buffer(head.data(), head.size()), error);
  if (error || !parser.is_header_done())
    return bad_request(fmt::format("no HTTP/1.1 request: {}", error ? error.message() : "the head is not complete"));
  if (auto problem = judge_framing(parser)) return *std::move(problem);
  RequestHead& found = parser.head;
  if (found.request.target.size() > kMostTargetBytes)
    return Problem{414, "target_too_long", fmt::format("expected a target of {} bytes at the most", kMostTargetBytes)};
  if (auto problem = to_origin_form(found.request)) return *std::move(problem);
  if (parser.conditions > 1) found.request.if_none_match = {};  // no condition: a full answer is always right
  found.keep_alive = parser.keep_alive();
  found.has_body = parser.encodings > 0 || parser.content_length().value_or(0) > 0;
  return found;
}

}  // namespace millrace::serve
