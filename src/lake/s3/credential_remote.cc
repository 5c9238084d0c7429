#include <fmt/format.h>

#include <array>

#include "base/words.h"
#include "lake/s3/credential_links.h"

namespace millrace::lake::s3 {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kContainerHost = "http://169.254.170.2";
constexpr std::string_view kRolePath = "/latest/meta-data/iam/security-credentials/";

net::HttpRequest local_request(std::string url, milliseconds patience) {
  net::HttpRequest request;
  request.url = std::move(url);
  request.deadlines = {patience, patience, patience, patience * 3};
  request.direct = true;
  request.max_body_bytes = 64 << 10;
  return request;
}

/// "host" of "http://host:80/path", "[::1]" with its brackets.
std::string host_of(std::string_view url) {
  const std::size_t mark = url.find("://");
  std::string_view host = url.substr(mark == url.npos ? 0 : mark + 3);
  host = host.substr(0, host.find_first_of("/?#"));
  if (host.find('@') != host.npos) return {};
  if (host.starts_with('[')) return std::string(host.substr(0, host.find(']') + 1));
  return to_lower_ascii(host.substr(0, host.find(':')));
}

bool is_loopback(std::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == host.npos;
}

/// The token of a container goes over TLS, or no further than this machine and the addresses of ECS and EKS.
Status check_container_url(const std::string& url) {
  if (url.starts_with("https://")) return ok();
  const std::string host = host_of(url);
  const bool known = host == "169.254.170.2" || host == "169.254.170.23" || host == "[fd00:ec2::23]";
  if (url.starts_with("http://") && (known || is_loopback(host))) return ok();
  return Error{ErrorKind::invalid_input,
               fmt::format("AWS_CONTAINER_CREDENTIALS_FULL_URI names the host \"{}\" without TLS", printable(host)),
               "expected https, or a loopback address, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23]",
               {}};
}

/// Of the file first: it is renewed while we run.
Result<std::optional<Secret>> container_token(const Surroundings& around) {
  std::optional<Secret> token;
  if (const auto path = around.environment("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) {
    auto text = around.read_file(*path);
    if (!text) return std::move(text).error().within("reading AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    token = Secret(std::string(trimmed(*text)));
  } else if (auto value = around.environment("AWS_CONTAINER_AUTHORIZATION_TOKEN")) {
    token = Secret(*std::move(value));
  }
  if (token && token->reveal_to_the_wire().find_first_of("\r\n") != std::string::npos) {
    return Error{ErrorKind::invalid_input,
                 "the authorization token of the container has more than one line",
                 "expected the value of an Authorization header",
                 {}};
  }
  return token;
}

Error unhelpful(std::string_view who, int status) {
  return Error{status >= 500 || status == 429 ? ErrorKind::unavailable : ErrorKind::permission_denied,
               fmt::format("{} answered {} when asked for credentials", who, status),
               {},
               {}};
}

std::string metadata_base(const Surroundings& around) {
  if (auto base = around.environment("AWS_EC2_METADATA_SERVICE_ENDPOINT")) {
    while (base->ends_with('/')) base->pop_back();
    return *base;
  }
  const auto mode = around.environment("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE").value_or("");
  return to_lower_ascii(mode) == "ipv6" ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
}

/// One session with the instance's metadata.
class InstanceMetadata {
 public:
  explicit InstanceMetadata(const Surroundings& around) : around_(around), base_(metadata_base(around)) {}

  /// Why there is none here; "": the session stands.
  Result<std::string> open() {
    net::SendFacts facts;
    net::HttpRequest request = local_request(base_ + "/latest/api/token", kPatience);
    request.method = "PUT";
    request.headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "21600"}};
    request.facts = &facts;
    const auto answer = around_.transport->send(request);
    if (!answer && answer.error().kind == ErrorKind::cancelled) return answer.error();
    if (!answer && facts.sent) {
      return std::string(
          "the instance metadata service took the connection and did not answer; in a container its "
          "hop limit must be 2 (aws ec2 modify-instance-metadata-options)");
    }
    if (!answer) return std::string("there is no instance metadata service");
    if (answer->status >= 500 || answer->status == 429) return unhelpful(kWho, answer->status);
    if (!answer->ok()) {
      return fmt::format("the instance metadata service refused a token ({}); version 1 is not used", answer->status);
    }
    token_ = Secret(std::string(trimmed(answer->body)));
    return std::string();
  }

  Result<net::HttpResponse> get(std::string_view path) const {
    net::HttpRequest request = local_request(fmt::format("{}{}", base_, path), kPatience);
    request.headers = {{"X-aws-ec2-metadata-token", token_.reveal_to_the_wire()}};
    return around_.transport->send(request);
  }

  static constexpr std::string_view kWho = "the instance metadata service";

 private:
  static constexpr milliseconds kPatience{1'000};
  const Surroundings& around_;
  const std::string base_;
  Secret token_{""};
};

}  // namespace

Result<Found> from_web_identity(const Surroundings& around, const ChainOptions& options) {
  const auto file = around.environment("AWS_WEB_IDENTITY_TOKEN_FILE");
  if (!file) return Found{{}, "the environment has no AWS_WEB_IDENTITY_TOKEN_FILE"};
  const auto arn = around.environment("AWS_ROLE_ARN");
  if (!arn) {
    return Error{ErrorKind::invalid_input,
                 "AWS_WEB_IDENTITY_TOKEN_FILE is set in the environment, AWS_ROLE_ARN is not",
                 "set both, or neither",
                 {}};
  }
  const Role role{*arn, around.environment("AWS_ROLE_SESSION_NAME").value_or(""), {}, {}, *file, "the environment"};
  MR_TRY(const StsPlace sts, sts_place(around, options, {}));
  MR_TRY(Credentials credentials, assume_role_with_web_identity(around, sts, role));
  return Found{std::move(credentials), {}};
}

Result<Found> from_container(const Surroundings& around) {
  const auto relative = around.environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const auto full = around.environment("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (!relative && !full) return Found{{}, "the environment has no AWS_CONTAINER_CREDENTIALS_*_URI"};
  if (relative && !relative->starts_with('/')) {
    return Error{ErrorKind::invalid_input,
                 "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with '/'",
                 "it is a path on 169.254.170.2",
                 {}};
  }
  const std::string url = relative ? std::string(kContainerHost) + *relative : *full;
  MR_CHECK(check_container_url(url));
  MR_TRY(const auto token, container_token(around));
  net::HttpRequest request = local_request(url, milliseconds{2'000});
  if (token) request.headers = {{"Authorization", token->reveal_to_the_wire()}};
  auto answer = around.transport->send(request);
  if (!answer) return std::move(answer).error().within("asking the container for credentials");
  if (!answer->ok()) return unhelpful("the container's credential service", answer->status);
  const Secret held(std::move(answer->body));
  MR_TRY(Credentials credentials,
         parse_credentials_json(held.reveal_to_the_wire(), "the container's credential service"));
  return Found{std::move(credentials), {}};
}

Result<Found> from_instance(const Surroundings& around) {
  const auto disabled = around.environment("AWS_EC2_METADATA_DISABLED").value_or("");
  if (to_lower_ascii(disabled) == "true") return Found{{}, "AWS_EC2_METADATA_DISABLED is set"};
  InstanceMetadata metadata(around);
  MR_TRY(std::string why_not, metadata.open());
  if (!why_not.empty()) return Found{{}, std::move(why_not)};
  MR_TRY(const net::HttpResponse roles, metadata.get(kRolePath));
  if (roles.status == 404) return Found{{}, "the instance has no role"};
  if (!roles.ok()) return unhelpful(InstanceMetadata::kWho, roles.status);
  const std::string role(trimmed(roles.body.substr(0, roles.body.find('\n'))));
  if (role.empty() || role.find_first_of("/?# ") != role.npos) {
    return Error{ErrorKind::unavailable, "the instance metadata service named no role", {}, {}};
  }
  MR_TRY(net::HttpResponse answer, metadata.get(std::string(kRolePath) + role));
  if (!answer.ok()) return unhelpful(InstanceMetadata::kWho, answer.status);
  const Secret held(std::move(answer.body));
  MR_TRY(Credentials credentials,
         parse_credentials_json(held.reveal_to_the_wire(), fmt::format("role {} of the instance", role)));
  return Found{std::move(credentials), {}};
}

}  // namespace millrace::lake::s3
