#include <array>

#include "app/config.h"

namespace millrace::app {
namespace {

constexpr std::array kKeys{
    ConfigKey{"name", "text", "", true, "The project's name."},
    ConfigKey{"lake.url", "path | s3://bucket/prefix", "./lake", false,
              "The lake: a folder, relative to the project, or a bucket of an S3 service. Files land below it. The "
              "keys that follow are asked of a bucket only; credentials come from the environment, profiles or roles, "
              "as AWS's own tools find them."},
    ConfigKey{"lake.region", "text", "", false, "The bucket's region. Without it it is found out."},
    ConfigKey{"lake.endpoint", "url", "", false, "Of an S3 service that is not AWS: https://host:port."},
    ConfigKey{"lake.path_style", "auto | true | false", "auto", false,
              "Whether the bucket stands in the path and not in the host's name; auto: as the endpoint needs it."},
    ConfigKey{
        "lake.ca_file", "path", "", false,
        "Certificates that vouch for the endpoint, PEM, relative to the project. Without it those of the system."},
    ConfigKey{"lake.profile", "text", "", false, "The profile of ~/.aws that credentials are taken from."},
    ConfigKey{"lake.role_arn", "arn", "", false, "A role to take on with the credentials that are found."},
    ConfigKey{"lake.external_id", "text", "", false, "What the role's trust policy asks for, if it does."},
    ConfigKey{"lake.connections", "number", "8", false, "How many parts of a large object are read at once, 1 to 64."},
    ConfigKey{"lake.part_size", "size", "8MiB", false,
              "Of one such part, and of one part of an upload: 5MiB to 512MiB."},
    ConfigKey{"lake.events.http", "host:port", "", false,
              "Where S3 notifications are taken by HTTP (of Ceph, SNS, EventBridge). They are hints to look now; the "
              "listing stays the truth."},
    ConfigKey{"lake.events.token", "reference", "", false,
              "What a sender must know: env:NAME or file:/path. It comes as ?token=… or Authorization: Bearer …"},
    ConfigKey{"lake.events.sqs", "url", "", false,
              "A queue with S3 notifications, asked by long polls: https://sqs.REGION.amazonaws.com/ACCOUNT/NAME."},
    ConfigKey{"lake.security.versioning", "boolean", "true", false,
              "Of the bucket: keep overwritten and deleted objects. For all of lake.security see "
              "docs/specs/lake-security.md; "
              "what is false or none is left as it is."},
    ConfigKey{"lake.security.keep_versions", "days", "30d", false,
              "How long overwritten and deleted objects can be brought back."},
    ConfigKey{"lake.security.encryption", "sse-s3 | kms | none", "sse-s3", false, "The bucket's default encryption."},
    ConfigKey{"lake.security.kms_key", "arn", "", false, "With kms: the key. Without it the one that AWS manages."},
    ConfigKey{"lake.security.require_encryption_header", "boolean", "false", false,
              "Refuse writers that do not name that encryption in their request."},
    ConfigKey{"lake.security.block_public_access", "boolean", "true", false,
              "No policy and no list can make it public."},
    ConfigKey{"lake.security.owner_enforced", "boolean", "true", false,
              "Access lists off: every object belongs to the bucket's owner."},
    ConfigKey{"lake.security.tls_only", "boolean", "true", false, "Refuse plain http, and TLS older than 1.2."},
    ConfigKey{
        "lake.security.object_lock.mode", "governance | compliance", "", false,
        "Versions cannot be deleted; with compliance by nobody at all, and for good: `lake apply` asks for --yes."},
    ConfigKey{"lake.security.object_lock.keep", "days", "", false, "With mode: for how long."},
    ConfigKey{"lake.security.notifications.queue", "arn", "", false, "The SQS queue that is told of new objects."},
    ConfigKey{"lake.security.notifications.topic", "arn", "", false, "Or the SNS topic."},
    ConfigKey{
        "archive.compress", "none | zstd", "none", false,
        "How text files are kept below processed/: as they landed, or packed with zstd so that each line can still "
        "be read by itself. Packed files and Parquet stay as they are."},
    ConfigKey{
        "tiers.warm", "days", "", false,
        "After how many days files of processed/ become warm: 30d. On S3 STANDARD_IA; in a folder nothing changes."},
    ConfigKey{"tiers.cold", "days", "", false,
              "After how many days they become cold: read at once, but packed. On S3 GLACIER_IR; in a folder cold/."},
    ConfigKey{
        "tiers.archive", "days", "", false,
        "After how many days they must be restored before they are read: `millrace lake restore`. On S3 DEEP_ARCHIVE; "
        "in a folder frozen/."},
    ConfigKey{
        "tiers.keep", "days", "", false,
        "After how many days files of processed/, quarantine/ and unloaded/ are deleted: 7y. Rows stay, and the ledger "
        "says that the file has expired. Without it files are kept for ever."},
    ConfigKey{"tiers.abort_uploads", "days", "", false,
              "After how many days unfinished uploads are given up, on S3: 2d. A folder has none."},
    ConfigKey{"sources.<name>.archive.compress", "none | zstd", "", false, "As archive.compress, for this source."},
    ConfigKey{
        "sources.<name>.files", "pattern", "", true,
        "Which files belong to the source, below the lake: landing/orders/*.csv. * and ? stop at a slash, ** does "
        "not, [a-z] is one character, {name} a part that is told apart; or regex: and an expression over the "
        "whole key."},
    ConfigKey{"sources.<name>.contract", "path", "", true, "The source's ODCS v3.1 contract, relative to the project."},
    ConfigKey{"sources.<name>.table", "schema.name", "", true, "The landing table; created from the contract."},
    ConfigKey{"sources.<name>.format", "csv | ndjson | parquet", "csv", false,
              "How the files are written: delimited text, one JSON object in each line, or Parquet."},
    ConfigKey{"sources.<name>.on_reject", "quarantine | fail_file", "quarantine", false,
              "A file with broken records: load the good ones, or refuse the whole file."},
    ConfigKey{"sources.<name>.reject_limit", "percent", "", false,
              "Share of broken records above which the whole file is refused: 5%. Without it there is no limit."},
    ConfigKey{"sources.<name>.on_new_bytes", "replace | append | refuse", "replace", false,
              "Other bytes under a known name: replace exactly that file's rows, add rows, or refuse the file."},
    ConfigKey{"sources.<name>.on_empty", "load | refuse", "load", false,
              "A file without a record: note it in the ledger, or refuse it, where the sender never sends one."},
    ConfigKey{"sources.<name>.on_duplicate_key", "quarantine | newest | keep", "quarantine", false,
              "A row whose key is loaded already: it goes to quarantine, it takes the older row's place, or both stay; "
              "then unique in the contract is a claim that nobody checks."},
    ConfigKey{"sources.<name>.newest_by", "column", "", false,
              "With on_duplicate_key: newest, the column whose greater value is the newer row. Without it, and among "
              "equals, the later load is."},
    ConfigKey{
        "sources.<name>.schema_contract.columns", "freeze | evolve | discard_row | discard_value", "freeze", false,
        "A column that the contract does not know: refuse the file, add it to the landing table as text, put rows "
        "with a value there into quarantine, or leave the values out."},
    ConfigKey{"sources.<name>.schema_contract.missing_columns", "freeze | evolve | discard_row | discard_value",
              "freeze", false,
              "A column of the contract that a file lacks: refuse the file, or load NULL where the column is not "
              "required; discard_row puts the rows into quarantine where it is."},
    ConfigKey{
        "sources.<name>.schema_contract.data_type", "freeze | evolve | discard_row | discard_value", "discard_row",
        false,
        "A value that is not of its column's type: refuse the file, keep its text in a variant column <column>__v_text "
        "and load NULL with a flag, put the row into quarantine, or load NULL with a flag. A value that is required "
        "puts its row into quarantine in the last three cases."},
    ConfigKey{"sources.<name>.csv.delimiter", "character", ",", false,
              "The character between fields; tab for a tabulator."},
    ConfigKey{"sources.<name>.csv.quote", "character", "\"", false, "The character around fields."},
    ConfigKey{"sources.<name>.csv.escape", "character | none", "none", false,
              "A character that takes the next one as it is, inside quotes: \\ for exports of MySQL."},
    ConfigKey{"sources.<name>.csv.comment", "character | none", "none", false,
              "Records that start with it are passed over and counted as blank."},
    ConfigKey{"sources.<name>.csv.skip_lines", "number", "0", false, "Lines above the header that are passed over."},
    ConfigKey{"sources.<name>.csv.stray_quotes", "keep | reject", "keep", false,
              "A quote inside a field without quotes: part of the text, with a counted warning, or a broken record."},
    ConfigKey{"sources.<name>.csv.max_field", "size", "1MiB", false, "A longer field rejects its record."},
    ConfigKey{"sources.<name>.csv.max_record", "size", "64MiB", false, "A longer line refuses the file."},
    ConfigKey{"sources.<name>.csv.max_columns", "number", "4096", false, "A wider header refuses the file."},
    ConfigKey{"sources.<name>.csv.encoding", "utf-8 | latin-1 | cp1252 | utf-16 | utf-16le | utf-16be", "utf-8", false,
              "The files' character encoding. utf-16 takes its byte order from the mark at the begin."},
    ConfigKey{"sources.<name>.limits.max_unpacked", "size", "64GiB", false,
              "Most bytes that a packed file may unpack to; a larger one is refused."},
    ConfigKey{"sources.<name>.limits.max_ratio", "number", "200", false,
              "Most unpacked bytes for each packed one, judged from 16 MiB on: protects from decompression bombs."},
    ConfigKey{
        "sources.<name>.limits.max_rejects", "number", "200000", false,
        "Most broken records of a file that are kept; a file with more is refused, and the message counts them all."},
    ConfigKey{
        "sources.<name>.sensor.poke_interval", "duration", "", false,
        "For this source, as timeout, soft_fail and the others that follow: what pipelines.<name>.sensor says for "
        "all."},
    ConfigKey{"sources.<name>.sensor.stable_for", "duration", "", false, "For this source."},
    ConfigKey{"sources.<name>.sensor.timeout", "duration", "", false, "For this source."},
    ConfigKey{"sources.<name>.sensor.soft_fail", "true | false", "", false, "For this source."},
    ConfigKey{"sources.<name>.sensor.exponential_backoff", "true | false", "", false, "For this source."},
    ConfigKey{"sources.<name>.sensor.max_wait", "duration", "", false, "For this source."},
    ConfigKey{"sources.<name>.sensor.unchanged_for", "duration", "", false, "For this source."},
    ConfigKey{
        "sources.<name>.sensor.complete", "list of patterns", "", false,
        "Files that belong together, below the source's folder: [\"{date}/a.csv\", \"{date}/b.csv\"]. None is taken "
        "before each pattern has a file that agrees in the named parts."},
    ConfigKey{"sources.<name>.sensor.ordered", "true | false", "false", false,
              "Keys rise with time: most looks list only behind the last one that was taken."},
    ConfigKey{"sources.<name>.sensor.sweep_every", "number", "10", false,
              "With ordered: each so many looks one lists everything, for keys that came late."},
    ConfigKey{"sources.<name>.sensor.check.min_size", "size", "", false,
              "A smaller file is held back, which is told once; it holds up no other."},
    ConfigKey{"sources.<name>.sensor.check.max_size", "size", "", false, "A larger one."},
    ConfigKey{"sources.<name>.sensor.check.min_age", "duration", "", false, "A younger one, until it is old enough."},
    ConfigKey{"sources.<name>.sensor.check.max_age", "duration", "", false, "An older one."},
    ConfigKey{"sources.<name>.sensor.check.min_objects", "number", "0", false,
              "How many files there must be (of a set, with complete) before any is taken."},
    ConfigKey{"warehouse.url", "url", "duckdb:./warehouse.duckdb", false,
              "The embedded warehouse: duckdb: and a file, relative to the project."},
    ConfigKey{"warehouse.memory_limit", "size", "", false,
              "Most memory of the engine: 4GiB. Without it half of what the machine has, or of what the control group "
              "around the process allows."},
    ConfigKey{"warehouse.keep_free", "size", "64MiB", false,
              "Space to leave on the warehouse's disk. A file is loaded only where there is room for it beyond that; "
              "`up` waits until there is. 0: do not look."},
    ConfigKey{"warehouse.threads", "number", "0", false,
              "Threads of the engine and of the reader; 0: as many as the machine has."},
    ConfigKey{"pipelines.<name>.schedule", "on_arrival", "on_arrival", false, "When the pipeline runs."},
    ConfigKey{"pipelines.<name>.sensor.poke_interval", "duration", "1s", false,
              "Between two listings of the landing folders. An event of the file system or of S3 wakes up earlier."},
    ConfigKey{"pipelines.<name>.sensor.stable_for", "duration", "300ms", false,
              "How long a file's bytes must have been unchanged before it is taken. A file that somebody still has "
              "open for writing waits longer; an object on S3 does not wait."},
    ConfigKey{
        "pipelines.<name>.sensor.timeout", "duration", "0s", false,
        "How long a source may be without a file: load --wait ends with exit code 1, up tells it once. 0s: as long "
        "as it takes."},
    ConfigKey{"pipelines.<name>.sensor.soft_fail", "true | false", "false", false,
              "A timeout is told, and is no failure."},
    ConfigKey{"pipelines.<name>.sensor.exponential_backoff", "true | false", "false", false,
              "Each look that finds nothing doubles the time to the next one."},
    ConfigKey{"pipelines.<name>.sensor.max_wait", "duration", "5m", false,
              "The longest time between two looks with exponential_backoff."},
    ConfigKey{"pipelines.<name>.sensor.unchanged_for", "duration", "0s", false,
              "Files are taken only when none has come or changed for so long. 0s: each for itself."},
    ConfigKey{"serve.listen", "host:port", "127.0.0.1:8080", false, "Where the API listens."},
    ConfigKey{"compat", "none | snowflake", "none", false,
              "Functions that models written for another engine use, made in the warehouse: to_timestamp of text, iff, "
              "nvl, try_to_number and the like. See docs/specs/models.md."},
    ConfigKey{"serve.threads", "number", "0", false, "Threads of the API; 0: as many as the machine has."},
    ConfigKey{"serve.endpoints.<path>.relation", "schema.name", "", true,
              "What the endpoint serves: a model's table or view."},
    ConfigKey{"serve.endpoints.<path>.key", "column", "", true,
              "The column that names one row: unique, never NULL. Pages are in its order."},
};

}  // namespace

std::span<const ConfigKey> config_keys() { return kKeys; }

std::string_view default_of(std::string_view path) {
  for (const ConfigKey& key : kKeys)
    if (key.path == path) return key.otherwise;
  MR_INVARIANT(false, "every key that is read stands in the table");
}

}  // namespace millrace::app
