using System.Security.Claims;
using Millrace.Auditing;
using Millrace.Commands;

namespace Millrace;

/// <summary>
/// Records views of documents with personal data or secrets in the audit trail, for endpoints that return documents
/// without the query bus. <c>AddAudit</c> registers it in each service scope.
/// </summary>
public sealed class AuditedReads
{
    private readonly ReadAudit? _audit;
    private readonly CommandUsers _users;
    private readonly IServiceProvider _services;

    internal AuditedReads(ReadAudit? audit, CommandUsers users, IServiceProvider services) =>
        (_audit, _users, _services) = (audit, users, services);

    /// <summary>
    /// Records that a user receives documents, if they can have members that are marked as personal data or as secrets.
    /// Await it before the answer leaves: when the method returns, the entry is durable.
    /// </summary>
    /// <param name="documents">The type of the documents, or a type that contains them.</param>
    /// <param name="user">The user; null for the user of the request.</param>
    /// <param name="origin">The place from which the request came; null if it is unknown.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="Storage.StorageException">The database failed, and the entry is not recorded. Do not send the
    /// answer.</exception>
    public ValueTask Record(
        Type documents, ClaimsPrincipal? user, AuditOrigin? origin, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(documents);
        if (_audit is null)
            return ValueTask.CompletedTask; // Reads are not recorded, or no read model has marks.
        var sender = new AuditedSender(_users.AuditedIdOf(user, _services, out _), origin, CorrelationId: null);
        return _audit.Viewed(documents, sender, cancellationToken);
    }
}
