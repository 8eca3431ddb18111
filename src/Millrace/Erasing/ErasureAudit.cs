using Millrace.Auditing;
using Millrace.Events;

namespace Millrace.Erasing;

/// <summary>The entries of the audit trail about erasures, legal holds and exports.</summary>
internal static class ErasureAudit
{
    private const string ExportAction = "erasures.exported";

    /// <summary>Adds the entry about a step to its request; no entry for steps that no person decides.</summary>
    public static void AddTo(AppendRequest request, ErasureScope scope, StreamId stream, string type, ErasureNote note)
    {
        if (!scope.IsAudited || ResultOf(type, note) is not { } result)
            return;
        var isHold = type is ErasureEvents.Held or ErasureEvents.Released;
        Add(request, scope, new AuditEntry(type, isHold ? note.Subject! : scope.ToOwn(stream.Value), result)
        {
            User = note.By,
            Reason = type is ErasureEvents.Refused or ErasureEvents.Stopped ? note.Reason : null,
        });
    }

    /// <summary>Records the export of a subject's data, before the caller receives it.</summary>
    public static async Task RecordExport(ErasureScope scope, string subject, CancellationToken cancellationToken)
    {
        if (!scope.IsAudited)
            return;
        var request = new AppendRequest();
        Add(request, scope, new AuditEntry(ExportAction, subject, AuditResult.Succeeded));
        await scope.Store.Append(request, cancellationToken).ConfigureAwait(false);
    }

    private static AuditResult? ResultOf(string type, ErasureNote note) => type switch
    {
        ErasureEvents.Requested or ErasureEvents.Approved or ErasureEvents.Started or ErasureEvents.KeysDestroyed
            or ErasureEvents.Held or ErasureEvents.Released or ErasureEvents.Stopped => AuditResult.Succeeded,
        ErasureEvents.Refused => AuditResult.Denied,
        ErasureEvents.Confirmed => note.IsComplete == true ? AuditResult.Succeeded : AuditResult.Failed,
        _ => null,
    };

    private static void Add(AppendRequest request, ErasureScope scope, AuditEntry entry) =>
        AuditTrail.AddTo(request, scope.StreamOf(AuditTrail.Stream.Value), entry);
}
