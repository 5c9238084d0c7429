#pragma once
/// \file lake/plain_stream.h
/// An object whose stored bytes are the text.

#include <memory>
#include <string>

#include "lake/byte_stream.h"
#include "lake/object_store.h"

namespace millrace::lake {

/// `head`: the object's first bytes, where they have been read from it already.
std::unique_ptr<ByteStream> plain_stream(std::unique_ptr<ObjectReader> object, std::string head = {});

}  // namespace millrace::lake
