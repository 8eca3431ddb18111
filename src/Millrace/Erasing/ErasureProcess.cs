using Millrace.Events;

namespace Millrace.Erasing;

/// <summary>
/// Carries out an erasure step by step. The events of the erasure define the next step, so that another call or another
/// node continues after an interruption. Each step can be repeated.
/// </summary>
internal sealed class ErasureProcess(ErasureScope scope, ErasureSettings settings)
{
    private const int MaxAttempts = 10;
    private const string AutomaticApproval = "automatic";

    /// <summary>The lock of a program that was killed expires before the next start stops waiting for it.</summary>
    public static readonly TimeSpan LockWait = TimeSpan.FromSeconds(20);

    private readonly ErasureLog _log = new(scope);

    /// <summary>Gets whether another user than the requester must approve an erasure.</summary>
    public bool RequiresSecondUser => Options.RequiresSecondUser;

    private ErasureOptions Options => settings.Options;

    /// <summary>Checks a request, and continues until the erasure waits for its approval or is refused.</summary>
    public async Task<ErasureRecord> Check(string id, CancellationToken cancellationToken)
    {
        var progress = new Progress(id);
        while (true)
        {
            var record = await _log.Read(id, cancellationToken).ConfigureAwait(false);
            progress.Check(record);
            if (record.State == ErasureState.Requested)
                await Examine(id, record, cancellationToken).ConfigureAwait(false);
            else if (record.State == ErasureState.Found && Options.ApprovesAutomatically)
                await Append(id, record, ErasureEvents.Approved, new ErasureNote { By = AutomaticApproval },
                    cancellationToken).ConfigureAwait(false);
            else
                return record;
        }
    }

    /// <summary>Carries out an approved erasure until its certificate is signed.</summary>
    public async Task<ErasureRecord> Run(string id, CancellationToken cancellationToken)
    {
        var request = new LockRequest(scope.ToStored(ErasureScope.ErasureStreamName(id))) { Wait = LockWait };
        var held = await Locks.Of(scope.Store).Acquire(request, cancellationToken).ConfigureAwait(false);
        await using (held.ConfigureAwait(false))
        {
            // Another program can change the erasure when the lock is lost, so the current step ends.
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(held.Lost, cancellationToken);
            var progress = new Progress(id);
            while (true)
            {
                linked.Token.ThrowIfCancellationRequested();
                var record = await _log.Read(id, linked.Token).ConfigureAwait(false);
                if (!record.Exists)
                    throw new ErasureNotFoundException(id);
                progress.Check(record);
                if (!await Advance(id, record, linked.Token).ConfigureAwait(false))
                {
                    settings.Forget(scope, id);
                    return record;
                }
            }
        }
    }

    /// <summary>Removes the values of an erasure from memory.</summary>
    public void Forget(string id) => settings.Forget(scope, id);

    /// <summary>Does the next step. Returns false if there is none.</summary>
    private async Task<bool> Advance(string id, ErasureRecord record, CancellationToken cancellationToken)
    {
        switch (record.State)
        {
            case ErasureState.Approved:
                await Start(id, record, cancellationToken).ConfigureAwait(false);
                return true;
            case ErasureState.Started:
                await DestroyKeys(id, record, cancellationToken).ConfigureAwait(false);
                return true;
            case ErasureState.KeysDestroyed:
                await RemoveCopies(id, record, cancellationToken).ConfigureAwait(false);
                return true;
            case ErasureState.CopiesRemoved:
                await Verify(id, record, cancellationToken).ConfigureAwait(false);
                return true;
            case ErasureState.Verified:
                await Confirm(id, record, cancellationToken).ConfigureAwait(false);
                return true;
            default:
                return false;
        }
    }

    private async Task Examine(string id, ErasureRecord record, CancellationToken cancellationToken)
    {
        var request = record.Request;
        var keys = await new SubjectKeys(scope, request.Subject, request.Kinds).List(cancellationToken)
            .ConfigureAwait(false);
        if (await FindRefusal(request, keys, cancellationToken).ConfigureAwait(false) is { } reason)
        {
            await Append(id, record, ErasureEvents.Refused, new ErasureNote { Reason = reason }, cancellationToken)
                .ConfigureAwait(false);
            return;
        }
        var found = await SubjectSearch.Find(scope, request, keys, cancellationToken).ConfigureAwait(false);
        await Append(id, record, ErasureEvents.Found, new ErasureNote { Places = found }, cancellationToken)
            .ConfigureAwait(false);
    }

    private async ValueTask<string?> FindRefusal(
        ErasureRequest request, IReadOnlyList<KeyRecord> keys, CancellationToken cancellationToken)
    {
        var exists = keys.Count > 0
            || (StreamId.TryParse(scope.ToStored(request.Subject), out var stream)
                && await scope.Store.GetStream(stream, cancellationToken).ConfigureAwait(false) is not null);
        if (!exists)
            return "The subject does not exist: it has neither keys nor a stream."
                + (request.Subject.Contains('-', StringComparison.Ordinal)
                    ? ""
                    : $" Give the whole name with the category, such as 'customer-{request.Subject}'.");
        foreach (var kind in request.Kinds)
        {
            if (!keys.Any(key => key.Owner.Kind == kind))
                return $"The subject has no data of the kind '{kind}'.";
        }
        var (holds, _, _) = await _log.ReadHolds(scope.Store.Time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        if (holds.Any(hold => hold.Subject == request.Subject))
            return "The subject has a legal hold.";
        return Options.MayRequest is { } rule
            ? await rule(request, cancellationToken).ConfigureAwait(false)
            : null;
    }

    /// <summary>
    /// Starts the erasure unless there is a legal hold or a rule of the application refuses it. The same commit checks
    /// that no hold was placed since it was read, and a hold that is placed later is refused.
    /// </summary>
    private async Task Start(string id, ErasureRecord record, CancellationToken cancellationToken)
    {
        var (holds, _, position) = await _log.ReadHolds(scope.Store.Time.GetUtcNow(), cancellationToken)
            .ConfigureAwait(false);
        if (holds.Any(hold => hold.Subject == record.Request.Subject))
        {
            var refused = new ErasureNote { Reason = "A legal hold was placed on the subject after the approval." };
            await Append(id, record, ErasureEvents.Refused, refused, cancellationToken).ConfigureAwait(false);
            return;
        }
        foreach (var rule in scope.Rules)
        {
            if (await rule.Prepare(record.Request, cancellationToken).ConfigureAwait(false) is not { } reason)
                continue;
            await Append(id, record, ErasureEvents.Refused, new ErasureNote { Reason = reason }, cancellationToken)
                .ConfigureAwait(false);
            return;
        }
        var noHold = new AppendCondition(scope.ErasureFilter(ErasureEvents.Held), position);
        var note = new ErasureNote { Subject = record.Request.Subject };
        if (await _log.Append(id, record.Version, ErasureEvents.Started, note, noHold, cancellationToken)
            .ConfigureAwait(false))
            Options.AfterStep?.Invoke(ErasureEvents.Started);
    }

    private async Task DestroyKeys(string id, ErasureRecord record, CancellationToken cancellationToken)
    {
        var request = record.Request;
        var keys = new SubjectKeys(scope, request.Subject, request.Kinds);
        var head = await scope.Storage.Log.GetHead(cancellationToken).ConfigureAwait(false);
        var records = await keys.List(cancellationToken).ConfigureAwait(false);
        scope.Keys.Forget(); // Keys that another node destroyed must not be used from memory.
        // An earlier attempt may have destroyed keys after it read their values, which cannot be read again.
        var trace = settings.Find(scope, id) is { Values: not null } earlier
            ? earlier
            : new SubjectTrace(scope, request.Subject, request.Kinds, withValues: true);
        await trace.Read(head.Position, new KeyIdSet(records.Select(key => key.Id)), cancellationToken)
            .ConfigureAwait(false);
        settings.Remember(scope, id, trace);
        Options.AfterStep?.Invoke("values-read");
        cancellationToken.ThrowIfCancellationRequested(); // The lock may have been lost during the long search.
        var erased = await keys.Destroy(cancellationToken).ConfigureAwait(false);
        erased.AddTo(scope.Keys.Erased);
        scope.Store.Stored.ForgetValues();
        Options.AfterStep?.Invoke("keys-gone");
        if (await _log.Append(id, record.Version, erased, cancellationToken).ConfigureAwait(false))
            Options.AfterStep?.Invoke(ErasureEvents.KeysDestroyed);
    }

    private async Task RemoveCopies(string id, ErasureRecord record, CancellationToken cancellationToken)
    {
        scope.Store.Stored.ForgetValues();
        if (Options.SettleTime > TimeSpan.Zero)
            await Task.Delay(Options.SettleTime, scope.Store.Time, cancellationToken).ConfigureAwait(false);
        var task = await TaskOf(id, record, cancellationToken).ConfigureAwait(false);
        var documents = new DocumentRewriter(task);
        var history = new HistoryRemover(task);
        ErasureLocation[] places =
        [
            await documents.RewriteDocuments(cancellationToken).ConfigureAwait(false),
            await documents.RemoveSnapshots(cancellationToken).ConfigureAwait(false),
            await documents.RemoveMessageBodies(cancellationToken).ConfigureAwait(false),
            await new DeadLetterRedactor(task).Run(cancellationToken).ConfigureAwait(false),
            await new TimerRedactor(task).Run(cancellationToken).ConfigureAwait(false),
            await history.RemoveTimerHistory(cancellationToken).ConfigureAwait(false),
            await history.RemoveHeldMessages(cancellationToken).ConfigureAwait(false),
            await new ClaimReleaser(task).Release(cancellationToken).ConfigureAwait(false),
        ];
        await Append(id, record, ErasureEvents.CopiesRemoved, new ErasureNote { Places = places }, cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task Verify(string id, ErasureRecord record, CancellationToken cancellationToken)
    {
        scope.Store.Stored.ForgetValues();
        var head = await scope.Storage.Log.GetHead(cancellationToken).ConfigureAwait(false);
        var task = await TaskOf(id, record, cancellationToken).ConfigureAwait(false);
        var places = await ErasureVerifier.Run(task, cancellationToken).ConfigureAwait(false);
        var search = task.Trace.Values?.Search ?? ErasedValues.None;
        var note = new ErasureNote
        {
            Places = places,
            ValueSearch = search,
            LogEpoch = head.Epoch,
            LogPosition = head.Position,
        };
        await Append(id, record, ErasureEvents.Verified, note, cancellationToken).ConfigureAwait(false);
    }

    private async Task Confirm(string id, ErasureRecord record, CancellationToken cancellationToken)
    {
        // A command that began before the keys were destroyed may have written a snapshot since.
        var task = await TaskOf(id, record, cancellationToken).ConfigureAwait(false);
        await new DocumentRewriter(task).RemoveSnapshots(cancellationToken).ConfigureAwait(false);
        var content = new CertificateWriter(Options, scope.Protection.Model)
            .Write(record, scope.Tenant, scope.Store.Time.GetUtcNow());
        var note = new ErasureNote
        {
            Certificate = settings.Sign(content).ToFile(),
            IsComplete = CertificateWriter.IsComplete(record),
        };
        await Append(id, record, ErasureEvents.Confirmed, note, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Returns the erasure with the values that this program read before, and the events that were appended since.
    /// After a restart, only the places of the events are read again.
    /// </summary>
    private async Task<ErasureTask> TaskOf(string id, ErasureRecord record, CancellationToken cancellationToken)
    {
        var ids = new KeyIdSet(record.KeyIds);
        var request = record.Request;
        var trace = settings.Find(scope, id)
            ?? new SubjectTrace(scope, request.Subject, request.Kinds, withValues: false);
        var head = await scope.Storage.Log.GetHead(cancellationToken).ConfigureAwait(false);
        await trace.Read(head.Position, ids, cancellationToken).ConfigureAwait(false);
        settings.Remember(scope, id, trace);
        return new ErasureTask(scope, request, ids, trace);
    }

    /// <summary>Stops an erasure whose next event is refused again and again.</summary>
    private struct Progress(string id)
    {
        private long _version = -1;
        private int _attempts;

        /// <exception cref="ErasureRefusedException">The last attempts appended no event.</exception>
        public void Check(ErasureRecord record)
        {
            _attempts = record.Version == _version ? _attempts + 1 : 0;
            _version = record.Version;
            if (_attempts == MaxAttempts)
                throw new ErasureRefusedException(
                    id, "its next event was refused repeatedly: other calls change the erasure, or its stream or the "
                        + "stream of legal holds was removed from the database.");
        }
    }

    private async Task Append(
        string id, ErasureRecord record, string type, ErasureNote note, CancellationToken cancellationToken)
    {
        if (await _log.Append(id, record.Version, type, note, cancellationToken: cancellationToken)
            .ConfigureAwait(false))
            Options.AfterStep?.Invoke(type);
    }
}
