#pragma once
/// \file lake/codec/open_stream.h
/// An object as text: unpacked where it is packed, in UTF-8 whatever its encoding.

#include <memory>

#include "lake/byte_stream.h"
#include "lake/codec/encoding.h"
#include "lake/codec/unpack.h"
#include "lake/object_store.h"

namespace millrace::lake {

struct DecodeOptions {
  Encoding encoding = Encoding::utf8;
  UnpackLimits limits = {};
};

/// Reads the first bytes and no more. What is wrong with the others comes from the stream, as its error
/// and reject(). Errors: those of the object.
Result<std::unique_ptr<ByteStream>> open_stream(std::unique_ptr<ObjectReader> object, const DecodeOptions& options);

}  // namespace millrace::lake
