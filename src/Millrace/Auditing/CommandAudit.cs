using Microsoft.Extensions.Logging;

namespace Millrace.Auditing;

/// <summary>Records commands and denied requests in the audit trail.</summary>
internal sealed partial class CommandAudit(EventStore store, AuditTrailOptions options, ILogger logger)
{
    private static readonly TimeSpan RecordTimeout = TimeSpan.FromSeconds(10);

    private readonly AuditTrail _trail = new(store);

    /// <summary>Gets whether commands that succeed or fail are recorded.</summary>
    public bool RecordsCommands => options.RecordsCommands;

    /// <summary>
    /// Adds the entry of a command to its request. The resource is the first stream that the command changes, or its
    /// name.
    /// </summary>
    public void AddTo(AppendRequest request, string command, AuditedSender sender)
    {
        if (options.RecordsCommands)
            AuditTrail.AddTo(request, EntryOf(command, ResourceOf(request, command), AuditResult.Succeeded, sender));
    }

    /// <summary>Records a command that succeeded without a commit.</summary>
    public async ValueTask Succeeded(string command, AuditedSender sender, CancellationToken cancellationToken)
    {
        if (options.RecordsCommands)
            await _trail
                .Record(EntryOf(command, command, AuditResult.Succeeded, sender), cancellationToken)
                .ConfigureAwait(false);
    }

    /// <summary>
    /// Records a command that failed or was cancelled. The reason is the type of the error, because a message can
    /// contain values. Does not throw, and does not stop when the command is cancelled.
    /// </summary>
    public async ValueTask Failed(string command, Exception failure, AuditedSender sender)
    {
        var isDenied = failure is AccessDeniedException;
        if (!(isDenied ? options.RecordsDenials : options.RecordsCommands))
            return;
        var result = isDenied ? AuditResult.Denied : AuditResult.Failed;
        await RecordFailure(EntryOf(command, command, result, sender) with { Reason = ReasonOf(failure) })
            .ConfigureAwait(false);
    }

    /// <summary>Records a query that was denied. Does not throw, like <see cref="Failed"/>.</summary>
    public async ValueTask DeniedQuery(string query, AccessDeniedException denied, AuditedSender sender)
    {
        if (!options.RecordsDenials)
            return;
        var entry = new AuditEntry("query." + query, query, AuditResult.Denied)
        {
            User = sender.User,
            Origin = sender.Origin,
            Reason = denied.Reason,
        };
        await RecordFailure(entry).ConfigureAwait(false);
    }

    /// <summary>Records an entry within a separate time limit, because the client can have left.</summary>
    private async ValueTask RecordFailure(AuditEntry entry)
    {
        using var limit = new CancellationTokenSource(RecordTimeout, store.Time);
        try
        {
            await _trail.Record(entry, limit.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The caller gets the failure of the command, and not that of the audit trail.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.NotRecorded(logger, exception, entry.Action, entry.Result);
        }
    }

    private static AuditEntry EntryOf(string command, string resource, AuditResult result, AuditedSender sender) =>
        new("command." + command, resource, result)
        {
            User = sender.User,
            Origin = sender.Origin,
            CorrelationId = sender.CorrelationId,
        };

    private static string ResourceOf(AppendRequest request, string command) =>
        request.Streams.Count > 0 ? request.Streams[0].Stream.Value : command;

    private static string ReasonOf(Exception failure) => failure switch
    {
        AccessDeniedException denied => denied.Reason,
        OperationCanceledException => "cancelled",
        _ => failure.GetType().Name,
    };

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 14002, Level = LogLevel.Error,
            Message = "The audit trail has no entry of '{Action}' with the result {Result}: it could not be recorded.")]
        public static partial void NotRecorded(
            ILogger logger, Exception exception, string action, AuditResult result);
    }
}
