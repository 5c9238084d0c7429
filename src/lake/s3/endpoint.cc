#include "lake/s3/endpoint.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/words.h"

namespace millrace::lake::s3 {
namespace {

Error invalid(std::string message, std::string hint) {
  return Error{ErrorKind::invalid_input, std::move(message), std::move(hint), {}};
}

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool looks_like_ipv4(std::string_view text) {
  return std::count(text.begin(), text.end(), '.') == 3 && text.find_first_not_of("0123456789.") == text.npos;
}

struct Place {
  std::string scheme, host, path;  // host with its port where that is not the scheme's own; path without '/' at its end
};

/// The name without the port.
std::string_view bare_host(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

Result<Place> parse_endpoint(std::string_view url) {
  const auto bad = [&](std::string_view what) {
    return invalid(fmt::format("the endpoint {} {}", printable(url), what),
                   "write it as https://host, http://host:port or https://host/path");
  };
  Place place;
  const std::size_t mark = url.find("://");
  if (mark == url.npos) return bad("names no scheme, expected http:// or https://");
  place.scheme = to_lower_ascii(url.substr(0, mark));
  if (place.scheme != "http" && place.scheme != "https") return bad("has another scheme than http or https");
  std::string_view rest = url.substr(mark + 3);
  if (rest.find_first_of("?#@ ") != rest.npos) return bad("holds a user, a query, a fragment or a blank");
  const std::size_t slash = rest.find('/');
  place.host = to_lower_ascii(rest.substr(0, slash));
  if (slash != rest.npos) place.path = rest.substr(slash);
  while (place.path.ends_with('/')) place.path.pop_back();
  if (bare_host(place.host).empty()) return bad("names no host");
  const std::string_view own_port = place.scheme == "https" ? ":443" : ":80";
  if (place.host.ends_with(own_port)) place.host.resize(place.host.size() - own_port.size());
  const std::string_view port = std::string_view(place.host).substr(bare_host(place.host).size());
  if (!port.empty() &&
      (port.size() < 2 || port.front() != ':' || port.find_first_not_of("0123456789", 1) != port.npos)) {
    return bad("has a port that is no number");
  }
  return place;
}

Status check_region(std::string_view region) {
  const bool fine = !region.empty() && region.size() <= 64 && std::all_of(region.begin(), region.end(), [](char c) {
    return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '-';
  });
  if (fine) return ok();
  return invalid(fmt::format("the region \"{}\" is none, expected a name such as eu-central-1", printable(region)),
                 "set the region of the bucket");
}

std::string aws_host(const EndpointOptions& options) {
  return fmt::format("{}{}.{}.{}", options.fips ? "s3-fips" : "s3", options.dualstack ? ".dualstack" : "",
                     options.region, dns_suffix_of(options.region));
}

Status check_directory_bucket(std::string_view bucket) {
  if (!bucket.ends_with("--x-s3")) return ok();
  return Error{ErrorKind::unsupported,
               fmt::format("the bucket {} is a directory bucket (S3 Express), which signs in another way", bucket),
               "use a general purpose bucket",
               {}};
}

}  // namespace

Status check_bucket_name(std::string_view bucket) {
  const auto bad = [&](std::string_view rule) {
    return invalid(fmt::format("\"{}\" cannot be the name of a bucket: {}", printable(bucket), rule),
                   "write s3://bucket/prefix with the bucket's own name");
  };
  if (bucket.size() < 3 || bucket.size() > 63) return bad("it must have 3 to 63 characters");
  if (!std::all_of(bucket.begin(), bucket.end(), [](char c) { return is_lower_or_digit(c) || c == '-' || c == '.'; })) {
    return bad("only a-z, 0-9, '-' and '.' are allowed");
  }
  if (!is_lower_or_digit(bucket.front()) || !is_lower_or_digit(bucket.back())) {
    return bad("it must begin and end with a letter or a digit");
  }
  if (bucket.find("..") != bucket.npos) return bad("two dots must not stand together");
  if (looks_like_ipv4(bucket)) return bad("it looks like an IP address");
  if (bucket.starts_with("xn--") || bucket.starts_with("sthree-") || bucket.ends_with("-s3alias") ||
      bucket.ends_with("--ol-s3")) {
    return bad("its beginning or end is reserved by S3");
  }
  return ok();
}

Result<BucketUrl> parse_s3_url(std::string_view url) {
  constexpr std::string_view kScheme = "s3://";
  if (!url.starts_with(kScheme)) {
    return invalid(fmt::format("found \"{}\", expected s3://bucket/prefix", printable(url)),
                   "write s3://bucket/prefix");
  }
  const std::string_view rest = url.substr(kScheme.size());
  const std::size_t slash = rest.find('/');
  BucketUrl out{std::string(rest.substr(0, slash)), {}};
  MR_CHECK(check_bucket_name(out.bucket));
  if (slash != rest.npos) out.prefix = rest.substr(slash + 1);
  if (out.prefix.find_first_of("?#") != out.prefix.npos) {
    return invalid(fmt::format("{}: '?' and '#' have no place in the address of a lake", printable(url)),
                   "options of the lake are keys of their own");
  }
  if (out.prefix.starts_with('/') || out.prefix.find("//") != out.prefix.npos) {
    return invalid(fmt::format("{}: the prefix holds an empty part", printable(url)),
                   "write one '/' between the parts");
  }
  if (!out.prefix.empty() && !out.prefix.ends_with('/')) out.prefix.push_back('/');
  return out;
}

std::string dns_suffix_of(std::string_view region) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kSuffixes{{
      {"cn-", "amazonaws.com.cn"},
      {"us-isob-", "sc2s.sgov.gov"},
      {"us-isof-", "csp.hci.ic.gov"},
      {"us-iso-", "c2s.ic.gov"},
      {"eu-isoe-", "cloud.adc-e.uk"},
      {"eusc-", "amazonaws.eu"},
  }};
  for (const auto& [prefix, suffix] : kSuffixes) {
    if (region.starts_with(prefix)) return std::string(suffix);
  }
  return "amazonaws.com";
}

Result<Endpoint> Endpoint::make(const EndpointOptions& options, std::string bucket) {
  MR_CHECK(check_directory_bucket(bucket));
  MR_CHECK(check_bucket_name(bucket));
  MR_CHECK(check_region(options.region));
  Endpoint endpoint;
  endpoint.options_ = options;
  endpoint.bucket_ = std::move(bucket);
  const bool dots = endpoint.bucket_.find('.') != std::string::npos;
  Place place;
  if (options.endpoint.empty()) {
    place = {"https", aws_host(options), ""};
    endpoint.path_style_ = options.path_style.value_or(dots);
  } else {
    if (options.fips || options.dualstack) {
      return invalid(
          fmt::format("fips and dualstack choose a host of AWS, but the endpoint {} is given", options.endpoint),
          "remove the endpoint, or fips and dualstack");
    }
    MR_TRY(place, parse_endpoint(options.endpoint));
    endpoint.path_style_ = options.path_style.value_or(true);
    endpoint.aws_ = bare_host(place.host).ends_with("." + dns_suffix_of(options.region));
  }
  if (!endpoint.path_style_ && dots && place.scheme == "https") {
    return invalid(fmt::format("the bucket {} has dots, so that {}.{} matches no certificate", endpoint.bucket_,
                               endpoint.bucket_, place.host),
                   "set path_style: true, or choose a bucket without dots");
  }
  if (!endpoint.path_style_ && (looks_like_ipv4(bare_host(place.host)) || place.host.starts_with('['))) {
    return invalid(fmt::format("{} is an IP address, which no bucket name can stand before", place.host),
                   "set path_style: true, or name the endpoint's host");
  }
  endpoint.scheme_ = place.scheme;
  endpoint.host_ = endpoint.path_style_ ? place.host : endpoint.bucket_ + "." + place.host;
  endpoint.base_path_ = place.path + (endpoint.path_style_ ? "/" + endpoint.bucket_ : "");
  return endpoint;
}

Target Endpoint::target(std::string_view key, Query query) const {
  Target target{scheme_, host_, base_path_, std::move(query)};
  if (!key.empty() || target.path.empty()) target.path.append("/").append(key);
  return target;
}

Endpoint Endpoint::in_region(std::string region) const {
  EndpointOptions options = options_;
  options.region = std::move(region);
  auto moved = make(options, bucket_);
  if (moved) return *std::move(moved);
  return *this;  // what the server called a region is none
}

Result<std::optional<std::string>> discover_region(net::HttpTransport& transport, const Endpoint& endpoint) {
  net::HttpRequest request;
  request.method = "HEAD";
  request.url = url_of(endpoint.target());
  MR_TRY(const net::HttpResponse answer, transport.send(request));
  if (const std::string* region = answer.find("x-amz-bucket-region"); region != nullptr && check_region(*region)) {
    return std::optional(*region);
  }
  if (answer.status == 404) {
    return Error{ErrorKind::not_found,
                 fmt::format("there is no bucket {} at {}", endpoint.bucket(), endpoint.host()),
                 "create it, or correct lake.url",
                 {}};
  }
  if (answer.status >= 500 || answer.status == 429) {
    return Error{ErrorKind::unavailable,
                 fmt::format("{} answered {} when asked for the region of {}", endpoint.host(), answer.status,
                             endpoint.bucket()),
                 {},
                 {}};
  }
  return std::optional<std::string>{};
}

}  // namespace millrace::lake::s3
