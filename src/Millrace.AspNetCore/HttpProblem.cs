using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Millrace.AspNetCore.Binding;
using Millrace.Storage;
using Millrace.Storage.Archives;

namespace Millrace.AspNetCore;

/// <summary>
/// The contents of an error response: the status, the stable name of the error, a message, and the problems of
/// individual members of the request.
/// </summary>
internal sealed record HttpProblem(int Status, string Error, string Detail)
{
    public IReadOnlyList<ValidationProblem> Problems { get; init; } = [];

    /// <summary>Gets the seconds after which the client can retry, or 0 if a retry cannot succeed.</summary>
    public int RetryAfterSeconds { get; init; }

    /// <summary>Gets the missing permission; null if the problem is not a missing permission.</summary>
    public string? Permission { get; init; }

    public string Title => ReasonPhrases.GetReasonPhrase(Status);

    /// <summary>
    /// Returns true if an endpoint answers an exception with a problem. The application's exception handler handles all
    /// other exceptions.
    /// </summary>
    public static bool CanAnswer(HttpContext http, Exception exception, [NotNullWhen(true)] out HttpProblem? problem)
    {
        problem = null;
        return !http.Response.HasStarted && IsAnswerable(exception, out problem);
    }

    /// <summary>Returns true for an error of the request or a busy store, and false for a failure.</summary>
    public static bool IsAnswerable(Exception exception, [NotNullWhen(true)] out HttpProblem? problem)
    {
        problem = Of(exception);
        return problem is { Status: < 500 or 503 };
    }

    /// <summary>Returns the problem for an exception, or null if it is not an exception of Millrace.</summary>
    public static HttpProblem? Of(Exception exception) =>
        OfSql(exception) ?? OfUnavailable(exception) ?? OfShards(exception) ?? OfAlerts(exception) ?? exception switch
        {
            ValidationFailedException invalid => new(400, "validation-failed", invalid.Message)
            {
                Problems = invalid.Problems,
            },
            InvalidValueException invalid => new(400, "invalid-value", invalid.Message),
            InvalidNameException invalid => new(400, "invalid-name", invalid.Message),
            MalformedMessageException malformed => new(400, "malformed-request", malformed.Message)
            {
                Problems = malformed.Problems,
            },
            EncryptedFieldException refused => new(400, "encrypted-field", refused.Message),
            ProtectedValueException refused => new(400, "protected-value", refused.Message),
            SubjectErasedException erased => new(409, "subject-erased", erased.Message),
            CannotSerializeException refused => new(400, "cannot-serialize", refused.Message),
            LimitExceededException exceeded => new(413, "limit-exceeded", exceeded.Message),
            BadHttpRequestException { StatusCode: 413 } large => new(413, "limit-exceeded", large.Message),
            BadHttpRequestException { StatusCode: 415 } other => new(415, "unsupported-media-type", other.Message),
            BadHttpRequestException bad => new(bad.StatusCode, "bad-request", bad.Message),
            AccessDeniedException denied => new(denied.IsAuthenticated ? 403 : 401, "access-denied", denied.Message)
            {
                Permission = denied.Permission,
            },
            AccessRightException invalid => new(400, "invalid-right", invalid.Message),
            AccessGrantNotFoundException missing => new(404, "not-found", missing.Message),
            NoTenantException => new(400, "no-tenant", "The request does not name a tenant."),
            TenantNotFoundException missing => new(404, "tenant-not-found", $"There is no tenant '{missing.Tenant}'."),
            AggregateNotFoundException or StreamNotFoundException => new(404, "not-found", exception.Message),
            AggregateExistsException existing => new(409, "exists", existing.Message),
            ProjectionNotFoundException or ConsumerNotFoundException => new(404, "not-found", exception.Message),
            ReadModelBuildException refused => new(409, "build-refused", refused.Message),
            TimerNotFoundException or ScheduleNotFoundException => new(404, "not-found", exception.Message),
            ScheduleRefusedException refused => new(409, "schedule-refused", refused.Message),
            InvalidCommandException invalid => new(400, "invalid-command", invalid.Message),
            ProcessNotFoundException missing => new(404, "not-found", missing.Message),
            ProcessRefusedException refused => new(409, "process-refused", refused.Message),
            ErasureRefusedException refused => new(409, "erasure-refused", refused.Message),
            ErasureNotFoundException or RetentionNotFoundException => new(404, "not-found", exception.Message),
            RetentionRefusedException refused => new(409, "retention-refused", refused.Message),
            DeadLetterNotFoundException missing => new(404, "not-found", missing.Message),
            NothingToExplainException nothing => new(404, "not-found", nothing.Message),
            DeadLetterRefusedException refused => new(409, "dead-letter-refused", refused.Message),
            ConsumerResetRefusedException refused => new(409, "reset-refused", refused.Message),
            DeadLetterConflictException changed => new(409, "conflict", changed.Message),
            VersionConflictException
            or ConditionFailedException
            or EventIdConflictException
            or DocumentConflictException
            or CapacityConflictException => new(409, "conflict", exception.Message),
            ClaimTakenException taken => new(409, "taken", $"The value of '{taken.Scope}' is taken."),
            StreamDeletedException deleted => new(409, "deleted", deleted.Message),
            WrongStateException wrong => new(409, wrong.Invariant, wrong.Message),
            InvariantViolatedException violated => new(422, violated.Invariant, violated.Message),
            IdempotencyKeyReusedException reused => new(422, "idempotency-key-reused", reused.Message),
            MillraceException { IsTransient: true } => new(503, "busy", "The store is busy. Try again later.")
            {
                RetryAfterSeconds = 1,
            },
            EventTypeNotFoundException or HandlerNotFoundException or ReadModelNotFoundException => new(500,
                "not-in-model", "The application's model does not contain what this endpoint uses. The server's log "
                    + "names it."),
            UnreadableDocumentException => new(500, "unreadable-document",
                "A stored document cannot be read as its current class. The server's log has the reason."),
            MillraceException => new(500, "store-failed",
                "The operation failed in the store. The server's log has the reason."),
            _ => null,
        };

    /// <summary>Returns the problem for something that may be available later; null for other exceptions.</summary>
    private static HttpProblem? OfUnavailable(Exception exception) =>
        exception switch
        {
            ViewNotReadyException notReady => new(503, "view-not-ready", notReady.Message) { RetryAfterSeconds = 5 },
            ShardUnavailableException lost => new(
                503, "shard-unavailable", $"The shard '{lost.Shard}' is not available. Try again later.")
            {
                RetryAfterSeconds = 5,
            },
            ArchiveException { IsTransient: true } => new(
                503,
                "archive-unavailable",
                "The place of archived events cannot be used. Try again later; the server's log has the reason.")
            {
                RetryAfterSeconds = 5,
            },
            ArchiveException { PlaceProblem: not null } => new(
                500, "archive-failed",
                "The place of archived events refuses to return them. The server's log has the reason."),
            ArchiveException => new(
                500, "archive-damaged",
                "An archived event is missing or damaged. The server's log names its segment."),
            _ => null,
        };

    /// <summary>Returns the problem for an operation on several shards; null for other exceptions.</summary>
    private static HttpProblem? OfShards(Exception exception) =>
        exception switch
        {
            ShardNotFoundException missing => new(404, "not-found", missing.Message),
            NotAcrossShardsException refused => new(400, "not-across-shards", refused.Message),
            ShardsPartlyChangedException partial => new(409, "shards-partly-changed", partial.Message),
            _ => null,
        };

    /// <summary>Returns the problem for alerts, recoveries, tuning or figures; null for other exceptions.</summary>
    private static HttpProblem? OfAlerts(Exception exception) =>
        exception switch
        {
            AlertNotFoundException missing => new(404, "not-found", missing.Message),
            KpiNotFoundException missing => new(404, "not-found", missing.Message),
            AlertRuleException invalid => new(400, "invalid-alert-rule", invalid.Message),
            AlertRuleChangedException changed => new(409, "conflict", changed.Message),
            RecoveryActionNotFoundException missing => new(404, "not-found", missing.Message),
            KpiReportNotSentException refused => new(409, "conflict", refused.Message),
            RecoveryBusyException busy => new(409, "conflict", busy.Message),
            TuningBusyException busy => new(409, "conflict", busy.Message),
            TuningRefusedException refused => new(409, "tuning-refused", refused.Message),
            _ => null,
        };

    /// <summary>Returns the problem for an exception of a SQL statement; null for other exceptions.</summary>
    private static HttpProblem? OfSql(Exception exception) =>
        exception switch
        {
            SqlException invalid => new(400, "invalid-sql", invalid.Message),
            SqlLimitException { Limit: SqlLimit.Time } exceeded => new(422, "sql-time-limit", exceeded.Message),
            SqlLimitException { Limit: SqlLimit.Memory } exceeded => new(413, "limit-exceeded", exceeded.Message),
            SqlUnavailableException unavailable => new(501, "sql-unavailable", unavailable.Message),
            SqlLimitException busy => new(503, "busy", busy.Message) { RetryAfterSeconds = 1 },
            _ => null,
        };
}
