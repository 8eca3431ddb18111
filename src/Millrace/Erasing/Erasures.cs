using Millrace.Erasing;
using Millrace.Events;
using Millrace.Protection;

namespace Millrace;

/// <summary>
/// Erases data of data subjects, such as customers, by destroying their keys, and proves it with a signed certificate.
/// Manages legal holds, and exports all data of a subject. Thread-safe.
/// </summary>
/// <remarks>
/// An erasure consists of a request, its approval, and its execution. Each step is an event in the stream
/// <c>$erasure-ID</c>. Every call can be repeated, and another node can continue after a failure.
/// </remarks>
public sealed class Erasures
{
    private const int MaxIdCharacters = 100;
    private const int MaxAttempts = 10;

    private readonly ErasureScope _scope;
    private readonly ErasureLog _log;
    private readonly ErasureProcess? _execution; // A tool has no keys, and only reads.

    internal Erasures(ErasureScope scope, ErasureSettings? settings)
    {
        _scope = scope;
        _log = new ErasureLog(scope);
        _execution = settings is null ? null : new ErasureProcess(scope, settings);
    }

    private ErasureProcess Execution => _execution
        ?? throw new InvalidOperationException("A tool has no keys, and cannot erase: only the application can.");

    /// <summary>
    /// Returns the erasures of a store, for tools that read them without keys. Methods that erase or export data throw
    /// <see cref="InvalidOperationException"/>.
    /// </summary>
    public static Erasures Of(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new Erasures(new ErasureScope(store, "", ""), null);
    }

    /// <summary>
    /// Requests an erasure. Checks that the subject exists, that it has no legal hold, and that the user may request
    /// it, and counts the data of the subject.
    /// </summary>
    /// <returns>The erasure. Its state is <see cref="ErasureState.Found"/>, or <see cref="ErasureState.Refused"/>, or
    /// the current state of an earlier request with the same id.</returns>
    /// <exception cref="ErasureRefusedException">The id was used for another request.</exception>
    /// <exception cref="InvalidNameException">The id, the subject or a kind of data is not valid.</exception>
    public async Task<ErasureInfo> Request(ErasureRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        Check(request);
        request = request with { Subject = DataSubject.OfStream(request.Subject) };
        var execution = Execution;
        var note = new ErasureNote
        {
            Subject = request.Subject,
            Kinds = [.. request.Kinds.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            Reason = request.Reason,
            By = request.By,
            RequestedAt = request.RequestedAt ?? _scope.Store.Time.GetUtcNow(),
        };
        if (!await _log.Append(
                request.Id, 0, ErasureEvents.Requested, note, cancellationToken: cancellationToken)
            .ConfigureAwait(false))
        {
            var earlier = (await Get(request.Id, cancellationToken).ConfigureAwait(false)).Request;
            if (earlier.Subject != note.Subject || !earlier.Kinds.SequenceEqual(note.Kinds))
                throw new ErasureRefusedException(request.Id, "the id was used for the erasure of other data.");
        }
        return (await execution.Check(request.Id, cancellationToken).ConfigureAwait(false)).Info;
    }

    /// <summary>Approves an erasure. <see cref="CarryOut"/> then carries it out.</summary>
    /// <param name="id">The id of the request.</param>
    /// <param name="by">The user who approves it.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ErasureNotFoundException">There is no such erasure.</exception>
    /// <exception cref="ErasureRefusedException">The request was refused, or another user must approve it.</exception>
    public async Task<ErasureInfo> Approve(string id, string by, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        for (var attempt = 1; ; attempt++)
        {
            await Get(id, cancellationToken).ConfigureAwait(false);
            var record = await Execution.Check(id, cancellationToken).ConfigureAwait(false);
            if (record.State == ErasureState.Refused)
                throw new ErasureRefusedException(id, $"the request was refused: {record.Refusal}");
            if (record.State != ErasureState.Found)
                return record.Info;
            if (Execution.RequiresSecondUser && by == record.Request.By)
                throw new ErasureRefusedException(id, "another user than its requester must approve it.");
            var note = new ErasureNote { By = by };
            if (!await _log.Append(
                    id, record.Version, ErasureEvents.Approved, note, cancellationToken: cancellationToken)
                .ConfigureAwait(false) && attempt == MaxAttempts)
                throw new ErasureRefusedException(id, "other calls changed the erasure at the same time. Repeat it.");
        }
    }

    /// <summary>
    /// Carries out an approved erasure: destroys the keys, removes the copies, reads every place again, and signs the
    /// certificate. Continues an interrupted erasure. An erasure that has ended is returned unchanged.
    /// </summary>
    /// <returns>The erasure. Its state is <see cref="ErasureState.Confirmed"/>, or
    /// <see cref="ErasureState.Incomplete"/> if data remains, or <see cref="ErasureState.Refused"/> if a legal hold was
    /// placed after the approval.</returns>
    /// <exception cref="ErasureNotFoundException">There is no such erasure.</exception>
    /// <exception cref="ErasureRefusedException">The erasure is not approved.</exception>
    /// <exception cref="LockUnavailableException">Another node is carrying it out.</exception>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async Task<ErasureInfo> CarryOut(string id, CancellationToken cancellationToken = default)
    {
        var found = await Get(id, cancellationToken).ConfigureAwait(false);
        if (found.IsFinal)
            return found;
        var record = await Execution.Check(id, cancellationToken).ConfigureAwait(false);
        return record.State switch
        {
            ErasureState.Found => throw new ErasureRefusedException(id, "it is not approved."),
            ErasureState.Refused => record.Info,
            _ => (await Execution.Run(id, cancellationToken).ConfigureAwait(false)).Info,
        };
    }

    /// <summary>
    /// Stops an erasure that cannot be completed or is no longer wanted. An erasure that has not started is refused. An
    /// erasure that has started ends without a certificate: destroyed keys and removed copies are not restored, and
    /// other data of the subject remains. Another request erases the rest. An erasure that was stopped or refused
    /// before is returned unchanged.
    /// </summary>
    /// <param name="id">The id of the request.</param>
    /// <param name="by">The user who stops it.</param>
    /// <param name="reason">The reason. It is stored unencrypted, so it must not contain personal data.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ErasureNotFoundException">There is no such erasure.</exception>
    /// <exception cref="ErasureRefusedException">The erasure has ended with a certificate.</exception>
    /// <exception cref="LockUnavailableException">Another node is carrying it out. Stop that node first.</exception>
    public async Task<ErasureInfo> Stop(
        string id, string by, string reason, CancellationToken cancellationToken = default)
    {
        CheckId(id);
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        var note = new ErasureNote { By = by, Reason = reason };
        var record = await new ErasureStop(_scope).Run(id, note, cancellationToken).ConfigureAwait(false);
        _execution?.Forget(id);
        return record.Info;
    }

    /// <summary>
    /// Continues all erasures that were interrupted. A host without tenants does this when it starts. Erasures that
    /// wait for an approval are not changed.
    /// </summary>
    /// <returns>The number of erasures that ended.</returns>
    /// <exception cref="AggregateException">Some erasures failed. The others were continued.</exception>
    public async Task<int> Resume(CancellationToken cancellationToken = default) =>
        await InterruptedWork.Continue(
            await _log.ListIds(cancellationToken).ConfigureAwait(false),
            Resume,
            "Erasures could not be continued.",
            cancellationToken).ConfigureAwait(false);

    /// <summary>Continues an erasure that was interrupted. Returns false if it did not end.</summary>
    private async Task<bool> Resume(string id, CancellationToken cancellationToken)
    {
        var record = await _log.Read(id, cancellationToken).ConfigureAwait(false);
        if (!record.Exists || record.Info.IsFinal)
            return false;
        record = await Execution.Check(id, cancellationToken).ConfigureAwait(false);
        if (record.State is ErasureState.Found or ErasureState.Refused)
            return false;
        if (record.State == ErasureState.Approved && record.IsOfRetention)
            return false; // The run continues it, after it has checked that the data still has expired.
        try
        {
            await Execution.Run(id, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (LockUnavailableException)
        {
            return false; // Another node is carrying it out.
        }
    }

    /// <summary>Returns an erasure; null if there is no such erasure.</summary>
    public async Task<ErasureInfo?> Find(string id, CancellationToken cancellationToken = default)
    {
        CheckId(id);
        var record = await _log.Read(id, cancellationToken).ConfigureAwait(false);
        return record.Exists ? record.Info : null;
    }

    /// <summary>Returns all erasures, by id.</summary>
    public async Task<IReadOnlyList<ErasureInfo>> List(CancellationToken cancellationToken = default)
    {
        var all = new List<ErasureInfo>();
        foreach (var id in await _log.ListIds(cancellationToken).ConfigureAwait(false))
        {
            var record = await _log.Read(id, cancellationToken).ConfigureAwait(false);
            if (record.Exists)
                all.Add(record.Info);
        }
        return all;
    }

    /// <summary>Places a legal hold on a subject. Erasures of the subject are refused while it is active.</summary>
    /// <param name="subject">The data subject.</param>
    /// <param name="reason">The reason. It is stored unencrypted, so it must not contain personal data.</param>
    /// <param name="by">The user who places the hold.</param>
    /// <param name="until">The end of the hold; null to hold until <see cref="Release"/>.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ErasureRefusedException">An erasure of the subject has already started.</exception>
    public async Task<LegalHold> Hold(
        string subject,
        string reason,
        string by,
        DateTimeOffset? until = null,
        CancellationToken cancellationToken = default)
    {
        CheckSubject(subject);
        subject = DataSubject.OfStream(subject);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            var (ids, started) = await _log.ReadStarted(subject, cancellationToken).ConfigureAwait(false);
            foreach (var id in ids)
            {
                if (!(await Get(id, cancellationToken).ConfigureAwait(false)).IsFinal)
                    throw new ErasureRefusedException(subject, $"its erasure '{id}' has already started.");
            }
            var now = _scope.Store.Time.GetUtcNow();
            var (_, version, _) = await _log.ReadHolds(now, cancellationToken).ConfigureAwait(false);
            var note = new ErasureNote { Subject = subject, Reason = reason, By = by, Until = until };
            var notStarted = new AppendCondition(_scope.ErasureFilter(ErasureEvents.Started), started);
            if (await _log.AppendHold(version, ErasureEvents.Held, note, notStarted, cancellationToken)
                .ConfigureAwait(false))
                return new LegalHold(subject, reason, by, now, until);
        }
        throw new ErasureRefusedException(subject, "other calls changed the legal holds at the same time. Repeat it.");
    }

    /// <summary>Releases all legal holds on a subject.</summary>
    /// <returns>False if there was none.</returns>
    public async Task<bool> Release(
        string subject, string reason, string by, CancellationToken cancellationToken = default)
    {
        CheckSubject(subject);
        subject = DataSubject.OfStream(subject);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            var now = _scope.Store.Time.GetUtcNow();
            var (holds, version, _) = await _log.ReadHolds(now, cancellationToken).ConfigureAwait(false);
            if (!holds.Any(hold => hold.Subject == subject))
                return false;
            var note = new ErasureNote { Subject = subject, Reason = reason, By = by };
            if (await _log.AppendHold(version, ErasureEvents.Released, note, null, cancellationToken)
                .ConfigureAwait(false))
                return true;
        }
        throw new ErasureRefusedException(subject, "other calls changed the legal holds at the same time. Repeat it.");
    }

    /// <summary>Returns the active legal holds.</summary>
    public async Task<IReadOnlyList<LegalHold>> ListHolds(CancellationToken cancellationToken = default)
    {
        var now = _scope.Store.Time.GetUtcNow();
        return (await _log.ReadHolds(now, cancellationToken).ConfigureAwait(false)).Holds;
    }

    /// <summary>
    /// Exports the data of a subject: the events and documents with its values, its erasures and its legal holds.
    /// Values of other subjects and secrets are omitted.
    /// </summary>
    public async Task<SubjectExport> Export(string subject, CancellationToken cancellationToken = default)
    {
        CheckSubject(subject);
        subject = DataSubject.OfStream(subject);
        _ = Execution;
        await ErasureAudit.RecordExport(_scope, subject, cancellationToken).ConfigureAwait(false);
        var erasures = (await List(cancellationToken).ConfigureAwait(false))
            .Where(erasure => erasure.Request.Subject == subject).ToArray();
        var holds = (await ListHolds(cancellationToken).ConfigureAwait(false))
            .Where(hold => hold.Subject == subject).ToArray();
        return await new SubjectExporter(_scope, subject).Run(erasures, holds, cancellationToken).ConfigureAwait(false);
    }

    private static void Check(ErasureRequest request)
    {
        CheckId(request.Id);
        CheckSubject(request.Subject);
        ArgumentException.ThrowIfNullOrWhiteSpace(request.Reason, nameof(request));
        ArgumentException.ThrowIfNullOrWhiteSpace(request.By, nameof(request));
        foreach (var kind in request.Kinds)
        {
            if (string.IsNullOrEmpty(kind) || kind.Length > 50 || !kind.All(IsIdCharacter))
                throw new InvalidNameException(
                    "kind of data", kind ?? "", "it must consist of lower-case letters, digits and dashes");
        }
    }

    private static void CheckId(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (id.Length is 0 or > MaxIdCharacters || !id.All(IsIdCharacter) || id == ErasureScope.HoldsName)
            throw new InvalidNameException(
                "id of an erasure", id, "it must consist of 1 to 100 lower-case letters, digits and dashes");
    }

    private static void CheckSubject(string subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        if (!StreamId.TryParse(subject, out _))
            throw new InvalidNameException(
                "data subject", subject, "it must be the name of a stream, such as customer-42");
    }

    private static bool IsIdCharacter(char value) => value is >= 'a' and <= 'z' or >= '0' and <= '9' or '-';

    private async Task<ErasureInfo> Get(string id, CancellationToken cancellationToken) =>
        await Find(id, cancellationToken).ConfigureAwait(false) ?? throw new ErasureNotFoundException(id);
}
