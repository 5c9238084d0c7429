#pragma once
/// \file net/curl_exchange.h
/// One exchange on one libcurl handle: the options, the callbacks, and what became of it.

#include <curl/curl.h>

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "net/curl_transport.h"
#include "net/http.h"

namespace millrace::net {

struct CloseEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using EasyHandle = std::unique_ptr<CURL, CloseEasy>;

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

/// Threads: one thread at a time. Borrows the request and the sink.
class CurlExchange {
 public:
  CurlExchange(const CurlOptions& options, const HttpRequest& request, BodySink* sink);

  /// Runs it. After an error the handle is best thrown away.
  Result<HttpResponse> run(CURL* easy);
  [[nodiscard]] const SendFacts& facts() const { return facts_; }

 private:
  using Instant = std::chrono::steady_clock::time_point;

  Status set_options(CURL* easy);
  template <class Value>
  void set(CURL* easy, CURLoption option, Value value);
  void set_body(CURL* easy);
  void set_callbacks(CURL* easy);
  Status build_headers();
  Status tell_sink();
  Result<HttpResponse> finish(CURL* easy, CURLcode code);
  Error error_of(CURLcode code) const;
  [[nodiscard]] Error error(ErrorKind kind, std::string what, std::string hint = {}) const;
  bool stop_with(Error error);  ///< false, so that a callback can say so
  bool has_body() const { return upload_size_ > 0 || request_.method == "PUT" || request_.method == "POST"; }

  void take_header_line(std::string_view line);
  bool take_bytes(std::span<const char> bytes);
  std::size_t give_bytes(std::span<char> into);
  bool check_time(curl_off_t received, curl_off_t sent);

  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t on_upload(char* bytes, std::size_t size, std::size_t count, void* self);
  static int on_seek(void* self, curl_off_t offset, int origin);
  static int on_progress(void* self, curl_off_t, curl_off_t received, curl_off_t, curl_off_t sent);
  static int on_about_to_send(void* self, char*, char*, int, int);

  const CurlOptions& options_;
  const HttpRequest& request_;
  BodySink* sink_;
  SendFacts facts_;
  HttpResponse response_;
  std::unique_ptr<curl_slist, FreeList> headers_;
  std::optional<Error> stopped_;  // by us: source, sink, deadline, stop
  std::array<char, CURL_ERROR_SIZE> curl_says_{};
  CURLcode refused_ = CURLE_OK;  // by the option that libcurl did not take
  std::uint64_t upload_size_ = 0, uploaded_ = 0;
  bool in_head_ = false, sink_told_ = false, to_sink_ = false;
  Instant start_, moved_;  // moved_: when the last byte went either way, or the connection stood
  curl_off_t last_received_ = 0, last_sent_ = 0;
};

}  // namespace millrace::net
