#include "testing/fake_s3_wire.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace millrace::testing {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~").find(c) != std::string_view::npos;
}

std::string body_of(const net::HttpRequest& request) {
  if (request.source == nullptr) return std::string(request.body);
  std::string out(request.source->size_bytes(), '\0');
  MR_INVARIANT(request.source->rewind().has_value(), "a test's body can be read again");
  const auto n = request.source->read(out);
  MR_INVARIANT(n && *n == out.size(), "a test's body is as long as it says");
  return out;
}

}  // namespace

std::string S3Call::parameter(const std::string& name) const {
  const auto it = query.find(name);
  return it == query.end() ? std::string() : it->second;
}

std::string S3Call::header(const std::string& name) const {
  const auto it = headers.find(name);
  return it == headers.end() ? std::string() : it->second;
}

S3Call s3_call_of(const net::HttpRequest& request, const std::set<std::string>& buckets) {
  S3Call call;
  call.method = request.method;
  std::string_view rest = request.url;
  rest.remove_prefix(rest.find("://") + 3);
  const std::string_view host = rest.substr(0, rest.find('/'));
  rest.remove_prefix(std::min(host.size(), rest.size()));
  std::string_view query;
  if (const auto mark = rest.find('?'); mark != std::string_view::npos) {
    query = rest.substr(mark + 1);
    rest = rest.substr(0, mark);
  }
  if (rest.starts_with('/')) rest.remove_prefix(1);
  if (const std::string first(host.substr(0, host.find('.'))); buckets.contains(first) && host.size() > first.size()) {
    call.bucket = first;
    call.key = s3_decoded(rest);
  } else {
    const auto slash = rest.find('/');
    call.bucket = s3_decoded(rest.substr(0, slash));
    if (slash != std::string_view::npos) call.key = s3_decoded(rest.substr(slash + 1));
  }
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const auto eq = pair.find('=');
    call.query[s3_decoded(pair.substr(0, eq))] = eq == std::string_view::npos ? "" : s3_decoded(pair.substr(eq + 1));
  }
  for (const net::Header& h : request.headers) call.headers[lower(h.name)] = h.value;
  call.body = body_of(request);
  return call;
}

Result<net::HttpResponse> deliver(net::HttpResponse response, const net::HttpRequest& request, net::BodySink* sink,
                                  std::optional<std::size_t> cut_at) {
  if (request.facts != nullptr) {
    request.facts->sent = true;
    request.facts->status = response.status;
    request.facts->body_bytes = std::min(cut_at.value_or(response.body.size()), response.body.size());
  }
  std::string body = std::move(response.body);
  response.body.clear();
  const std::string_view comes = std::string_view(body).substr(0, cut_at.value_or(body.size()));
  bool taken = false;
  if (sink != nullptr) {
    MR_TRY(taken, sink->begin(response));
    for (std::string_view left = comes; taken && !left.empty();) {  // in pieces, as from a wire
      const std::string_view piece = left.substr(0, 16 * 1024);
      MR_CHECK(sink->write(std::span(piece.data(), piece.size())));
      left.remove_prefix(piece.size());
    }
  }
  if (comes.size() < body.size())
    return Error{ErrorKind::unavailable,
                 fmt::format("the answer broke off after {} bytes of {}", comes.size(), body.size()),
                 {},
                 {}};
  if (!taken) response.body = std::move(body);
  return response;
}

S3Answer s3_error(int status, std::string_view code, std::string_view message, std::string_view more) {
  return {status,
          {{"content-type", "application/xml"}},
          fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code><Message>{}</Message>{}"
                      "<RequestId>FAKE</RequestId></Error>",
                      code, message, more)};
}

std::string s3_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c))
      out += c;
    else if (c == ' ')
      out += '+';
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string s3_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out += bytes_of_hex(text.substr(i + 1, 2));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string xml_document(std::string_view root, std::string_view inside) {
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{0} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
      "{1}</{0}>",
      root, inside);
}

std::string http_date_of(WallTime time) {
  constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays.at(std::chrono::weekday{day}.c_encoding()),
                     static_cast<unsigned>(date.day()), kMonths.at(static_cast<unsigned>(date.month()) - 1),
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

std::optional<WallTime> wall_time_of_amz_date(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t length) {
    int value = -1;
    std::from_chars(text.data() + at, text.data() + at + length, value);
    return value;
  };
  using namespace std::chrono;
  const year_month_day date{year{number(0, 4)}, month{static_cast<unsigned>(number(4, 2))},
                            day{static_cast<unsigned>(number(6, 2))}};
  if (!date.ok()) return std::nullopt;
  return WallTime{sys_days{date} + hours{number(9, 2)} + minutes{number(11, 2)} + seconds{number(13, 2)}};
}

std::string bytes_of_hex(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    unsigned value = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, value, 16);
    out += static_cast<char>(value);
  }
  return out;
}

}  // namespace millrace::testing
