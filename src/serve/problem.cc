#include "serve/problem.h"

#include "base/json.h"
#include "base/words.h"

namespace millrace::serve {

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    default: return "";
  }
}

Response to_response(const Problem& problem, std::string_view instance) {
  json::Writer w;
  w.begin_object();
  w.member("type", "about:blank");  // RFC 9457, 4.2.1: the title is the status's; `code` says the rest
  w.member("title", reason_phrase(problem.status));
  w.member("status", problem.status);
  w.member("code", problem.code);
  w.member("detail", problem.detail);
  if (!instance.empty()) w.member("instance", printable(instance, 500));
  w.end_object();
  return {problem.status, kProblemJson, {}, w.text()};
}

}  // namespace millrace::serve
