#include "app/s3_connection.h"

#include <random>

#include "lake/s3/credential_links.h"
#include "net/curl_transport.h"

namespace millrace::app {
namespace {

constexpr const char* kRegionOfNobody = "us-east-1";  // what services that know no regions are signed for

}  // namespace

Result<std::shared_ptr<S3Connection>> S3Connection::make(const S3LakeConfig& config, const Clock& clock) {
  auto out = std::shared_ptr<S3Connection>(new S3Connection(config, clock));
  net::CurlOptions curl;
  curl.ca_file = config.ca_file;
  curl.most_idle_connections = config.connections + 8;
  MR_TRY(out->transport_, net::make_curl_transport(curl));
  const lake::s3::Surroundings around = lake::s3::surroundings_of_this_machine(*out->transport_, clock);
  out->region_ = config.region.empty() ? lake::s3::configured_region(around, config.profile) : config.region;
  if (out->region_.empty()) out->region_ = kRegionOfNobody;
  lake::s3::ChainOptions chain;
  chain.profile = config.profile;
  chain.region = out->region_;
  // A service of one's own answers for STS itself; AWS has hosts for it.
  chain.sts_endpoint = config.endpoint;
  out->found_ = lake::s3::default_chain(around, chain);
  if (config.role_arn.empty()) return out;
  lake::s3::Role role;
  role.arn = config.role_arn;
  role.external_id = config.external_id;
  role.described_in = "lake.role_arn of millrace.yaml";
  lake::s3::CredentialProvider* const source = out->found_.get();
  out->role_ = lake::s3::renewed(
      [around, chain, role, source]() -> Result<lake::s3::Credentials> {
        MR_TRY(const lake::s3::Credentials own, source->get());
        MR_TRY(const lake::s3::StsPlace sts, lake::s3::sts_place(around, chain, ""));
        return lake::s3::assume_role(around, sts, role, own);
      },
      clock);
  return out;
}

lake::s3::ClientParts S3Connection::parts() {
  return {transport_.get(), &credentials(), clock_, &net::thread_sleeper(), &budget_};
}

lake::s3::EndpointOptions S3Connection::endpoint() const {
  lake::s3::EndpointOptions out;
  out.region = region_;
  out.endpoint = config_.endpoint;
  out.path_style = config_.path_style;
  return out;
}

Result<std::unique_ptr<lake::ObjectStore>> open_s3_lake(const LakeConfig& config, const Clock& clock) {
  MR_TRY(const auto connection, S3Connection::make(*config.s3, clock));
  lake::S3Options options;
  options.url = config.url;
  options.endpoint = connection->endpoint();
  options.parts = connection->parts();
  options.owner = connection;
  options.client.seed = std::uint64_t{std::random_device{}()} << 32 | std::random_device{}();
  if (config.security.require_encryption_header) {  // ours must name it, too
    options.client.encryption = config.security.encryption == lake::s3::admin::Encryption::kms ? "aws:kms" : "AES256";
    options.client.kms_key = config.security.kms_key;
  }
  options.limits.connections = config.s3->connections;
  options.limits.part_bytes = config.s3->part_size_bytes;
  options.limits.upload_part_bytes = std::max(options.limits.upload_part_bytes, config.s3->part_size_bytes);
  return lake::open_s3_store(std::move(options));
}

}  // namespace millrace::app
