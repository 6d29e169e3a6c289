#include <curl/multi.h>
#include <openssl/ssl.h>
#include <openssl/evp.h>
#include <librdkafka/rdkafka.h>
#include <jansson.h> /* rule 10: a second reader, for the fuzzer */
