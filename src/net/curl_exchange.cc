#include "net/curl_exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/words.h"

namespace millrace::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Without the query, which may carry a signature or a token.
std::string shown_url(std::string_view url) { return printable(url.substr(0, url.find_first_of("?#")), 300); }

bool has_line_end(std::string_view text) { return text.find_first_of(std::string_view("\r\n\0", 3)) != text.npos; }

}  // namespace

CurlExchange::CurlExchange(const CurlOptions& options, const HttpRequest& request, BodySink* sink)
    : options_(options),
      request_(request),
      sink_(sink),
      upload_size_(request.source != nullptr ? request.source->size_bytes() : request.body.size()),
      start_(steady_clock::now()),
      moved_(start_) {}

Error CurlExchange::error(ErrorKind kind, std::string what, std::string hint) const {
  return Error{kind, fmt::format("{} {}: {}", request_.method, shown_url(request_.url), what), std::move(hint), {}};
}

bool CurlExchange::stop_with(Error error) {
  if (!stopped_) stopped_ = std::move(error);
  return false;
}

Result<HttpResponse> CurlExchange::run(CURL* easy) {
  if (request_.stop.stop_requested()) return error(ErrorKind::cancelled, "stopped before it was sent");
  if (request_.source != nullptr) MR_CHECK(request_.source->rewind());
  MR_CHECK(set_options(easy));
  return finish(easy, curl_easy_perform(easy));
}

Status CurlExchange::build_headers() {
  // libcurl adds these two by itself: the first costs a second per upload where the server does not know it.
  curl_slist* list = curl_slist_append(nullptr, "Expect:");
  headers_.reset(curl_slist_append(list, "Accept:"));
  for (const Header& header : request_.headers) {
    if (header.name.empty() || has_line_end(header.name) || has_line_end(header.value) ||
        header.name.find(':') != std::string::npos) {
      return error(ErrorKind::invalid_input, fmt::format("the header \"{}\" is not one line", printable(header.name)));
    }
    const std::string name = to_lower_ascii(header.name);
    if (name == "content-length") continue;
    const std::string line = header.value.empty() ? header.name + ";" : header.name + ": " + header.value;
    curl_slist* longer = curl_slist_append(headers_.get(), line.c_str());
    if (longer == nullptr) return error(ErrorKind::unavailable, "out of memory");
    static_cast<void>(headers_.release());
    headers_.reset(longer);
  }
  return ok();
}

template <class Value>
void CurlExchange::set(CURL* easy, CURLoption option, Value value) {
  if (const CURLcode code = curl_easy_setopt(easy, option, value); code != CURLE_OK) refused_ = code;
}

Status CurlExchange::set_options(CURL* easy) {
  MR_CHECK(build_headers());
  set(easy, CURLOPT_URL, request_.url.c_str());
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy, CURLOPT_PATH_AS_IS, 1L);
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  set(easy, CURLOPT_MAXCONNECTS, 1L);
  set(easy, CURLOPT_BUFFERSIZE, 256L << 10);
  set(easy, CURLOPT_UPLOAD_BUFFERSIZE, 256L << 10);
  set(easy, CURLOPT_USERAGENT, options_.user_agent.c_str());
  set(easy, CURLOPT_HTTPHEADER, headers_.get());
  set(easy, CURLOPT_ERRORBUFFER, curl_says_.data());
  set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options_.ca_file.empty()) {
    set(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
    set(easy, CURLOPT_CAPATH, nullptr);
  }
  if (request_.direct || !options_.use_proxy_of_environment) set(easy, CURLOPT_PROXY, "");
  set(easy, CURLOPT_FRESH_CONNECT, request_.fresh_connection ? 1L : 0L);
  // Zero means "none" here and "the default of 300 seconds" there.
  const auto connect = request_.deadlines.connect.count() > 0 ? request_.deadlines.connect : milliseconds{86'400'000};
  set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect.count()));
  set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request_.deadlines.total.count()));
  set_body(easy);
  set_callbacks(easy);
  if (refused_ != CURLE_OK) return error_of(refused_);
  return ok();
}

void CurlExchange::set_body(CURL* easy) {
  if (has_body()) {
    // Also for POST: CURLOPT_POST would add a Content-Type of forms.
    set(easy, CURLOPT_UPLOAD, 1L);
    set(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(upload_size_));
    set(easy, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  } else if (request_.method == "HEAD") {
    set(easy, CURLOPT_NOBODY, 1L);
  } else if (request_.method != "GET") {
    set(easy, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  }
}

void CurlExchange::set_callbacks(CURL* easy) {
  set(easy, CURLOPT_HEADERFUNCTION, &CurlExchange::on_header);
  set(easy, CURLOPT_HEADERDATA, this);
  set(easy, CURLOPT_WRITEFUNCTION, &CurlExchange::on_body);
  set(easy, CURLOPT_WRITEDATA, this);
  set(easy, CURLOPT_READFUNCTION, &CurlExchange::on_upload);
  set(easy, CURLOPT_READDATA, this);
  set(easy, CURLOPT_SEEKFUNCTION, &CurlExchange::on_seek);
  set(easy, CURLOPT_SEEKDATA, this);
  set(easy, CURLOPT_XFERINFOFUNCTION, &CurlExchange::on_progress);
  set(easy, CURLOPT_XFERINFODATA, this);
  set(easy, CURLOPT_NOPROGRESS, 0L);
  set(easy, CURLOPT_PREREQFUNCTION, &CurlExchange::on_about_to_send);
  set(easy, CURLOPT_PREREQDATA, this);
}

// ---- what libcurl calls while it runs ------------------------------------------------------------------------------

std::size_t CurlExchange::on_header(char* bytes, std::size_t size, std::size_t count, void* self) {
  static_cast<CurlExchange*>(self)->take_header_line({bytes, size * count});
  return size * count;
}

void CurlExchange::take_header_line(std::string_view line) {
  moved_ = steady_clock::now();
  if (line.starts_with("HTTP/")) {  // once more after "100 Continue"
    response_.headers.clear();
    response_.status = 0;
    const std::size_t blank = line.find(' ');
    if (blank != line.npos) {
      const std::string_view rest = line.substr(blank + 1);
      std::from_chars(rest.data(), rest.data() + rest.size(), response_.status);
    }
    facts_.status = response_.status;
    in_head_ = true;
    return;
  }
  const std::size_t colon = line.find(':');
  if (trimmed(line).empty()) {
    in_head_ = false;
  } else if (in_head_ && colon != line.npos) {  // what comes later are trailers of a chunked body
    response_.headers.push_back(
        {std::string(trimmed(line.substr(0, colon))), std::string(trimmed(line.substr(colon + 1)))});
  }
}

std::size_t CurlExchange::on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
  return static_cast<CurlExchange*>(self)->take_bytes({bytes, size * count}) ? size * count : CURL_WRITEFUNC_ERROR;
}

Status CurlExchange::tell_sink() {
  sink_told_ = true;
  if (sink_ == nullptr) return ok();
  MR_TRY(to_sink_, sink_->begin(response_));
  return ok();
}

bool CurlExchange::take_bytes(std::span<const char> bytes) {
  if (!sink_told_) {
    if (auto told = tell_sink(); !told) return stop_with(std::move(told).error());
  }
  facts_.body_bytes += bytes.size();
  if (to_sink_) {
    if (auto written = sink_->write(bytes); !written) return stop_with(std::move(written).error());
    moved_ = steady_clock::now();  // what the sink took of the time is not the server's
    return true;
  }
  if (response_.body.size() + bytes.size() > request_.max_body_bytes) {
    return stop_with(error(ErrorKind::invalid_input,
                           fmt::format("the answer is longer than {}", bytes_in_words(request_.max_body_bytes)),
                           "is this the service that was meant?"));
  }
  response_.body.append(bytes.data(), bytes.size());
  return true;
}

std::size_t CurlExchange::on_upload(char* bytes, std::size_t size, std::size_t count, void* self) {
  return static_cast<CurlExchange*>(self)->give_bytes({bytes, size * count});
}

std::size_t CurlExchange::give_bytes(std::span<char> into) {
  const std::uint64_t left = upload_size_ - uploaded_;
  into = into.first(static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left)));
  if (into.empty()) return 0;
  std::size_t given = into.size();
  if (request_.source != nullptr) {
    auto got = request_.source->read(into);
    if (got && *got == 0) {
      got = error(ErrorKind::conflict, fmt::format("the body ended after {} of {} bytes", uploaded_, upload_size_),
                  "did its file become shorter while it was sent?");
    }
    if (!got) {
      stop_with(std::move(got).error());
      return CURL_READFUNC_ABORT;
    }
    given = *got;
  } else {
    std::memcpy(into.data(), request_.body.data() + uploaded_, given);
  }
  uploaded_ += given;
  moved_ = steady_clock::now();
  return given;
}

int CurlExchange::on_seek(void* self, curl_off_t offset, int origin) {
  auto* exchange = static_cast<CurlExchange*>(self);
  if (origin != SEEK_SET || offset != 0) return CURL_SEEKFUNC_FAIL;  // libcurl only ever rewinds
  if (exchange->request_.source != nullptr) {
    if (auto done = exchange->request_.source->rewind(); !done) {
      exchange->stop_with(std::move(done).error());
      return CURL_SEEKFUNC_FAIL;
    }
  }
  exchange->uploaded_ = 0;
  return CURL_SEEKFUNC_OK;
}

int CurlExchange::on_progress(void* self, curl_off_t, curl_off_t received, curl_off_t, curl_off_t sent) {
  return static_cast<CurlExchange*>(self)->check_time(received, sent) ? 0 : 1;
}

int CurlExchange::on_about_to_send(void* self, char*, char*, int, int) {
  auto* exchange = static_cast<CurlExchange*>(self);
  exchange->facts_.repeated = exchange->facts_.sent;
  exchange->facts_.sent = true;
  exchange->moved_ = steady_clock::now();
  return CURL_PREREQFUNC_OK;
}

bool CurlExchange::check_time(curl_off_t received, curl_off_t sent) {
  if (request_.stop.stop_requested()) return stop_with(error(ErrorKind::cancelled, "stopped"));
  const Instant now = steady_clock::now();
  if (received != last_received_ || sent != last_sent_) {
    last_received_ = received;
    last_sent_ = sent;
    moved_ = now;
  }
  if (!facts_.sent) return true;  // libcurl watches the connect deadline
  const bool waiting = facts_.status == 0 && uploaded_ >= upload_size_;
  const milliseconds limit = waiting ? request_.deadlines.first_byte : request_.deadlines.stall;
  if (limit.count() == 0 || now - moved_ < limit) return true;
  facts_.timed_out = true;
  if (waiting) return stop_with(error(ErrorKind::unavailable, fmt::format("no answer within {}", to_words(limit))));
  return stop_with(error(ErrorKind::unavailable,
                         fmt::format("no byte moved for {}; {} sent and {} received until then", to_words(limit),
                                     bytes_in_words(uploaded_), bytes_in_words(facts_.body_bytes))));
}

// ---- what became of it -------------------------------------------------------------------------------------------

Result<HttpResponse> CurlExchange::finish(CURL* easy, CURLcode code) {
  if (stopped_) return *stopped_;
  if (code != CURLE_OK) {
    facts_.timed_out = code == CURLE_OPERATION_TIMEDOUT;
    return error_of(code);
  }
  // libcurl checks the length of a body by itself; a promise this large is worth a second look.
  curl_off_t promised = -1;
  curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &promised);
  const bool bodiless = request_.method == "HEAD" || response_.status == 204 || response_.status == 304;
  if (!bodiless && promised >= 0 && static_cast<std::uint64_t>(promised) != facts_.body_bytes) {
    return error(ErrorKind::unavailable,
                 fmt::format("the answer ended after {} of {} bytes", facts_.body_bytes, promised));
  }
  if (!sink_told_) MR_CHECK(tell_sink());
  return std::move(response_);
}

Error CurlExchange::error_of(CURLcode code) const {
  const std::string_view detail = curl_says_[0] != '\0' ? curl_says_.data() : curl_easy_strerror(code);
  const std::string text = fmt::format("{} (curl {})", printable(detail, 300), static_cast<int>(code));
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
      return error(ErrorKind::invalid_input, "the server's certificate does not verify: " + text,
                   "name the file of the authority that signed it (ca_file), or correct the host name");
    case CURLE_SSL_CONNECT_ERROR:
      return error(ErrorKind::unavailable, "no TLS: " + text, "does the server speak TLS on this port?");
    case CURLE_SSL_CACERT_BADFILE:
      return error(ErrorKind::invalid_input,
                   "the certificates in " + options_.ca_file.string() + " cannot be read: " + text,
                   "ca_file is a file of certificates in PEM form");
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL: return error(ErrorKind::invalid_input, "not a URL of http or https: " + text);
    case CURLE_OPERATION_TIMEDOUT:
      if (const auto total = request_.deadlines.total; total.count() > 0 && steady_clock::now() - start_ >= total) {
        return error(ErrorKind::deadline_exceeded, fmt::format("not done within {}", to_words(total)));
      }
      return error(ErrorKind::unavailable, "no connection: " + text);
    case CURLE_FAILED_INIT:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_UNKNOWN_OPTION:
    case CURLE_NOT_BUILT_IN: return error(ErrorKind::internal, text);
    case CURLE_PARTIAL_FILE:
      return error(ErrorKind::unavailable,
                   fmt::format("the answer broke off after {} bytes: {}", facts_.body_bytes, text));
    default: return error(ErrorKind::unavailable, text);
  }
}

}  // namespace millrace::net
