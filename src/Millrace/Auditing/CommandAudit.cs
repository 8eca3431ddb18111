namespace Millrace.Auditing;

/// <summary>Records commands and denied requests in the audit trail.</summary>
internal sealed class CommandAudit(EventStore store, AuditTrailOptions options)
{
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
    /// Records a command that failed. The reason is the type of the error, because a message can contain values.
    /// </summary>
    public async ValueTask Failed(
        string command, Exception failure, AuditedSender sender, CancellationToken cancellationToken)
    {
        var isDenied = failure is AccessDeniedException;
        if (!(isDenied ? options.RecordsDenials : options.RecordsCommands))
            return;
        var result = isDenied ? AuditResult.Denied : AuditResult.Failed;
        var entry = EntryOf(command, command, result, sender) with { Reason = ReasonOf(failure) };
        await _trail.Record(entry, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Records a query that was denied.</summary>
    public async ValueTask DeniedQuery(
        string query, AccessDeniedException denied, AuditedSender sender, CancellationToken cancellationToken)
    {
        if (!options.RecordsDenials)
            return;
        var entry = new AuditEntry("query." + query, query, AuditResult.Denied)
        {
            User = sender.User,
            Origin = sender.Origin,
            Reason = denied.Reason,
        };
        await _trail.Record(entry, cancellationToken).ConfigureAwait(false);
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

    private static string ReasonOf(Exception failure) =>
        failure is AccessDeniedException denied ? denied.Reason : failure.GetType().Name;
}
