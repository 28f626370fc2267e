#pragma once

#include <libpq-fe.h>

// The field codes are character constants, which Swift does not import.
static inline const char *cpostgresql_sqlstate(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_SQLSTATE);
}

static inline const char *cpostgresql_primary_message(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
}

// Without a processor of its own a connection writes its notices to stderr.
static inline void cpostgresql_ignore_notice(void *context, const char *message) {
    (void)context;
    (void)message;
}

static inline void cpostgresql_ignore_notices(PGconn *connection) {
    PQsetNoticeProcessor(connection, cpostgresql_ignore_notice, 0);
}
