using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Millrace.AspNetCore.Operators;

namespace Millrace.AspNetCore.Auditing;

/// <summary>
/// Records the requests of operators that can change something, requests that show events or documents, and denied
/// requests. The action is the method with the pattern of the route, and the resource is the path. Of the query string,
/// only the name of a stream is recorded, because other parts can contain keys of users.
/// </summary>
/// <param name="route">What is recorded about the route.</param>
/// <param name="handle">Handles a request.</param>
/// <param name="onlyReads">Whether the requests change nothing.</param>
/// <param name="showsData">Whether the responses show events or documents.</param>
/// <param name="repeated">Merges equal requests.</param>
internal sealed partial class OperatorAudit(
    AuditedOperator route, RequestDelegate handle, bool onlyReads, bool showsData, RepeatedEntries repeated)
{
    private const string StreamParameter = "stream";

    private static readonly object QueryKey = new();

    /// <summary>
    /// Adds to the recorded resource what the body of the request names. A read is then recorded even if it fails,
    /// because the message of the failure can contain data.
    /// </summary>
    public static void AddQuery(HttpContext http, string name, string value) =>
        http.Items[QueryKey] = $"?{name}={value}";

    public async Task Handle(HttpContext http)
    {
        if (http.RequestServices.GetService<IAuditTrail>() is not { } trail)
        {
            await handle(http).ConfigureAwait(false);
            return;
        }
        var options = http.RequestServices.GetRequiredService<IOptions<AuditTrailOptions>>().Value;
        if (onlyReads && showsData && options.RecordsReads)
            http.Response.OnStarting(() => RecordRead(trail, http));
        if (!(onlyReads ? options.RecordsDenials : options.RecordsOperators))
        {
            await handle(http).ConfigureAwait(false);
            return;
        }
        try
        {
            await handle(http).ConfigureAwait(false);
        }
        catch (Exception exception) when (!onlyReads || exception is AccessDeniedException)
        {
            var result = exception is AccessDeniedException ? AuditResult.Denied : AuditResult.Failed;
            var reason = exception is OperationCanceledException ? "cancelled" : exception.GetType().Name;
            await TryRecord(trail, http, result, reason).ConfigureAwait(false);
            throw;
        }
        var status = http.Response.StatusCode;
        if (onlyReads)
            return;
        if (status < StatusCodes.Status400BadRequest)
            await Record(trail, http, AuditResult.Succeeded, null).ConfigureAwait(false);
        else
            await TryRecord(
                    trail,
                    http,
                    status == StatusCodes.Status403Forbidden ? AuditResult.Denied : AuditResult.Failed,
                    $"status {status}")
                .ConfigureAwait(false);
    }

    /// <summary>
    /// Records a read before its first byte is sent. Without the entry, the response is not sent.
    /// </summary>
    private async Task RecordRead(IAuditTrail trail, HttpContext http)
    {
        var status = http.Response.StatusCode;
        var hasFailed = status >= StatusCodes.Status400BadRequest;
        if (hasFailed && !http.Items.ContainsKey(QueryKey))
            return;
        try
        {
            await Record(
                    trail,
                    http,
                    hasFailed ? AuditResult.Failed : AuditResult.Succeeded,
                    hasFailed ? $"status {status}" : null)
                .ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            LogNotRecorded(http, exception, AuditResult.Succeeded);
            http.Abort();
            throw;
        }
    }

    /// <summary>Records a failed action. The caller gets its failure, and not that of the audit trail.</summary>
    private async ValueTask TryRecord(IAuditTrail trail, HttpContext http, AuditResult result, string reason)
    {
        try
        {
            await Record(trail, http, result, reason).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Any failure is logged.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogNotRecorded(http, exception, result);
        }
    }

    private ValueTask Record(IAuditTrail trail, HttpContext http, AuditResult result, string? reason)
    {
        var resource = route.ResourceOf(http.Request.Path.Value ?? "");
        if (http.Items[QueryKey] is string query)
            resource += query; // A parameter of the caller could push it out of the entry, or imitate it.
        else if (http.Request.Query[StreamParameter] is { Count: 1 } and [{ Length: > 0 } stream])
            resource += $"?{StreamParameter}={stream}";
        var entry = new AuditEntry(route.Action, resource, result)
        {
            User = OperatorRequest.Caller(http),
            Origin = RequestOrigin.Of(http),
            Reason = reason,
        };
        // The action is done, so that the entry must be recorded even if the client has left.
        return result == AuditResult.Denied ? RequestEntry.RecordDenied(trail, entry, http, repeated)
            : onlyReads && HttpMethods.IsGet(http.Request.Method)
                ? RequestEntry.RecordRead(trail, entry, http, repeated)
            : RequestEntry.Record(trail, entry);
    }

    private void LogNotRecorded(HttpContext http, Exception exception, AuditResult result) =>
        Log.NotRecorded(
            http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger<OperatorAudit>(),
            exception,
            route.Action,
            result);

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 14003, Level = LogLevel.Error,
            Message = "The audit trail has no entry of '{Action}' with the result {Result}: it could not be recorded.")]
        public static partial void NotRecorded(
            ILogger logger, Exception exception, string action, AuditResult result);
    }
}
