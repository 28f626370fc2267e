#pragma once

// The type-checking macros are statement expressions, which Swift cannot import.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
