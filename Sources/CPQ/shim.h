#ifndef REGCTL_CPQ_SHIM_H
#define REGCTL_CPQ_SHIM_H

#include <postgresql/libpq-fe.h>

/* Nothing links libpq, which brings twenty libraries along: PQLibrary.swift loads it at its first
   use. The table has one pointer for each function, of the type that the header declares, in the
   order of its names. */
#define REGCTL_LIBPQ(FUNCTION)        \
  FUNCTION(PQbackendPID)              \
  FUNCTION(PQclear)                   \
  FUNCTION(PQcmdStatus)               \
  FUNCTION(PQcmdTuples)               \
  FUNCTION(PQconndefaults)            \
  FUNCTION(PQconnectPoll)             \
  FUNCTION(PQconnectStartParams)      \
  FUNCTION(PQconnectionNeedsPassword) \
  FUNCTION(PQconninfoFree)            \
  FUNCTION(PQconninfoParse)           \
  FUNCTION(PQconsumeInput)            \
  FUNCTION(PQenterPipelineMode)       \
  FUNCTION(PQerrorMessage)            \
  FUNCTION(PQexitPipelineMode)        \
  FUNCTION(PQfinish)                  \
  FUNCTION(PQflush)                   \
  FUNCTION(PQfname)                   \
  FUNCTION(PQfreemem)                 \
  FUNCTION(PQftype)                   \
  FUNCTION(PQgetResult)               \
  FUNCTION(PQgetisnull)               \
  FUNCTION(PQgetlength)               \
  FUNCTION(PQgetvalue)                \
  FUNCTION(PQisBusy)                  \
  FUNCTION(PQlibVersion)              \
  FUNCTION(PQnfields)                 \
  FUNCTION(PQnotifies)                \
  FUNCTION(PQparameterStatus)         \
  FUNCTION(PQpipelineSync)            \
  FUNCTION(PQresultErrorField)        \
  FUNCTION(PQresultStatus)            \
  FUNCTION(PQsendFlushRequest)        \
  FUNCTION(PQsendPrepare)             \
  FUNCTION(PQsendQuery)               \
  FUNCTION(PQsendQueryParams)         \
  FUNCTION(PQsendQueryPrepared)       \
  FUNCTION(PQsetErrorVerbosity)       \
  FUNCTION(PQsetNoticeReceiver)       \
  FUNCTION(PQsetSingleRowMode)        \
  FUNCTION(PQserverVersion)           \
  FUNCTION(PQsetnonblocking)          \
  FUNCTION(PQsocket)                  \
  FUNCTION(PQstatus)                  \
  FUNCTION(PQtransactionStatus)

#define REGCTL_POINTER(function) __typeof__(&function) _Nonnull function;
#define REGCTL_NAME(function) #function,

struct regctl_libpq { REGCTL_LIBPQ(REGCTL_POINTER) };
static const char *_Nonnull const regctl_libpq_names[] = {REGCTL_LIBPQ(REGCTL_NAME)};

#undef REGCTL_NAME
#undef REGCTL_POINTER
#undef REGCTL_LIBPQ

/* Macros of <postgres_ext.h> that are characters, which Swift does not import as C's int. */
static const int regctl_PG_DIAG_SEVERITY_NONLOCALIZED = PG_DIAG_SEVERITY_NONLOCALIZED;
static const int regctl_PG_DIAG_SQLSTATE = PG_DIAG_SQLSTATE;
static const int regctl_PG_DIAG_MESSAGE_PRIMARY = PG_DIAG_MESSAGE_PRIMARY;
static const int regctl_PG_DIAG_TABLE_NAME = PG_DIAG_TABLE_NAME;

#endif
