#include "lake/s3/admin/client_api.h"

namespace millrace::lake::s3::admin {
namespace {

class OverClient final : public BucketApi {
 public:
  explicit OverClient(Client& client) : client_(&client) {}
  Result<std::optional<std::string>> get(const std::string& sub, const std::vector<std::string>& roots) override {
    for (std::size_t i = 0;; ++i) {
      auto document = client_->get_config(sub, roots[i]);
      const bool other = !document && document.error().kind == ErrorKind::unsupported;
      if (!other || i + 1 == roots.size()) return document;
    }
  }
  Status put(const std::string& sub, std::string_view document) override { return client_->put_config(sub, document); }
  Status remove(const std::string& sub) override { return client_->remove_config(sub); }
  Server server() const override {
    const Endpoint endpoint = client_->endpoint();
    return {endpoint.is_aws(), endpoint.is_tls()};
  }

 private:
  Client* client_;  // borrowed, never null
};

}  // namespace

std::unique_ptr<BucketApi> bucket_api_over(Client& client) { return std::make_unique<OverClient>(client); }

}  // namespace millrace::lake::s3::admin
