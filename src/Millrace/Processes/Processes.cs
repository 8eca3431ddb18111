using System.Text.Json;
using Millrace.Storage;

namespace Millrace;

/// <summary>
/// The instances of the processes of a store, on all nodes: found by their state, told step by step, resumed, cancelled
/// and moved. Safe to use from several threads.
/// </summary>
/// <remarks>What a person decides is recorded in the stream of the instance, and done by the node that runs the
/// process.</remarks>
public sealed class Processes
{
    private const string Prefix = "process-";
    private readonly EventStore _store;

    internal Processes(EventStore store) => _store = store;

    /// <summary>The processes of a store, for tools that run none themselves.</summary>
    public static Processes Of(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new Processes(store);
    }

    /// <summary>The names of all processes that the store knows.</summary>
    public async ValueTask<IReadOnlyList<string>> ListNames(CancellationToken cancellationToken = default)
    {
        var collections = await _store.Storage.Documents.List(cancellationToken).ConfigureAwait(false);
        return
        [
            .. collections
                .Select(one => one.Definition.Name)
                .Where(name =>
                    name.StartsWith(Prefix, StringComparison.Ordinal) && !name.Contains('@', StringComparison.Ordinal))
                .Select(name => name[Prefix.Length..]),
        ];
    }

    /// <summary>A page of the instances of a process: those that changed last first, to the second.</summary>
    public async ValueTask<ProcessPage> List(ProcessQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (!(await ListNames(cancellationToken).ConfigureAwait(false)).Contains(query.Process))
            return new ProcessPage([], null);
        var page = await PageOf(query, cancellationToken).ConfigureAwait(false);
        var instances = new List<ProcessInfo>(page.Documents.Count);
        foreach (var document in page.Documents)
            instances.Add(await Show(query.Process, document, cancellationToken).ConfigureAwait(false));
        return new ProcessPage(instances, page.Next);
    }

    private ValueTask<DocumentPage> PageOf(ProcessQuery query, CancellationToken cancellationToken) =>
        _store.Storage.Documents.Query(
            new DocumentQuery
            {
                Collection = ProcessNames.CollectionOf(query.Process),
                Conditions = query.State is { } state
                    ? [new FieldCondition(ProcessStore.StateField, Comparison.Equal, state.ToString())]
                    : [],
                OrderBy = ProcessStore.ChangedField,
                IsDescending = true,
                After = query.After,
                Limit = query.Limit,
            },
            cancellationToken);

    /// <summary>How many instances of a process are in a state.</summary>
    public async ValueTask<long> Count(
        string process, ProcessState state, CancellationToken cancellationToken = default) =>
        (await ListNames(cancellationToken).ConfigureAwait(false)).Contains(process)
            ? await _store
                .Storage.Documents.Count(
                    ProcessNames.CollectionOf(process),
                    [new FieldCondition(ProcessStore.StateField, Comparison.Equal, state.ToString())],
                    cancellationToken)
                .ConfigureAwait(false)
            : 0;

    /// <summary>
    /// The number of events of a process that came before the one that starts their instance, and were dropped or
    /// refused. A node that dies may leave the last second out.
    /// </summary>
    public ValueTask<long> CountEarlyEvents(string process, CancellationToken cancellationToken = default) =>
        EarlyEventStore.Read(_store, process, cancellationToken);

    /// <summary>An instance as its stream tells it, or null when there is none.</summary>
    public async ValueTask<ProcessInfo?> Find(string process, string id, CancellationToken cancellationToken = default)
    {
        var instance = await ProcessStore.Load(_store, process, id, cancellationToken).ConfigureAwait(false);
        return instance is null or { IsStarted: false, Kept.IsEmpty: true } ? null : Show(instance);
    }

    /// <summary>All that happened to an instance, oldest first. What is told by one event has one version.</summary>
    public async ValueTask<IReadOnlyList<ProcessEntry>> History(
        string process, string id, CancellationToken cancellationToken = default)
    {
        var entries = new List<ProcessEntry>();
        await foreach (
            var recorded in _store
                .ReadStream(ProcessNames.StreamOf(process, id), cancellationToken: cancellationToken)
                .ConfigureAwait(false))
        {
            var note = ProcessStore.Read(recorded);
            entries.Add(EntryOf(recorded, recorded.Type, note));
            foreach (var begun in note.Beginnings())
                entries.Add(EntryOf(recorded, ProcessEvents.StepBegun, begun));
        }
        return entries;
    }

    private static ProcessEntry EntryOf(RecordedEvent recorded, string type, ProcessNote note) =>
        new(
            recorded.Version,
            type[(type.IndexOf('.', StringComparison.Ordinal) + 1)..],
            note.Step,
            note.Reason,
            note.By,
            note.Position,
            recorded.Timestamp);

    /// <summary>Has an instance go on that is held: what failed is done again.</summary>
    /// <param name="process">The name of the process.</param>
    /// <param name="id">The id of the instance.</param>
    /// <param name="by">Who decides so; recorded.</param>
    /// <param name="reason">Why; recorded.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ProcessNotFoundException">There is no such instance.</exception>
    /// <exception cref="ProcessRefusedException">It is not held.</exception>
    public Task<ProcessInfo> Resume(
        string process,
        string id,
        string by,
        string? reason = null,
        CancellationToken cancellationToken = default) =>
        Decide(
            process,
            id,
            ProcessEvents.Resumed,
            new ProcessNote { By = by, Reason = reason },
            ProblemOfResuming,
            cancellationToken);

    /// <summary>
    /// Has an instance go on from a step: that one and all behind it are done again, also where they were done; what
    /// was done before stays, and is done again where it was undone.
    /// </summary>
    /// <inheritdoc cref="Resume"/>
    /// <param name="step">The step to begin with.</param>
    /// <exception cref="ProcessRefusedException">It is undone, or has no such step.</exception>
#pragma warning disable CS1573 // The others are those of Resume.
    public Task<ProcessInfo> ResumeFrom(
        string process,
        string id,
        string step,
        string by,
        string? reason = null,
        CancellationToken cancellationToken = default) =>
        Decide(
            process, id, ProcessEvents.Resumed, new ProcessNote { Step = step, By = by, Reason = reason },
            instance => ProblemOfStep(instance, step), cancellationToken);

    /// <summary>
    /// Takes an instance to a step: all before it that was not done is passed over, and counts as done without anything
    /// to undo.
    /// </summary>
    /// <inheritdoc cref="ResumeFrom"/>
    public Task<ProcessInfo> Move(
        string process,
        string id,
        string step,
        string by,
        string? reason = null,
        CancellationToken cancellationToken = default) =>
        Decide(
            process, id, ProcessEvents.Moved, new ProcessNote { Step = step, By = by, Reason = reason },
            instance => ProblemOfStep(instance, step), cancellationToken);
#pragma warning restore CS1573

    /// <summary>Has an instance undone: what was done is compensated in reverse.</summary>
    /// <inheritdoc cref="Resume"/>
    /// <exception cref="ProcessRefusedException">It is at its end, is undone already, or has passed the point of no
    /// return.</exception>
    public Task<ProcessInfo> Cancel(
        string process, string id, string by, string? reason = null, CancellationToken cancellationToken = default) =>
        Decide(
            process,
            id,
            ProcessEvents.CancelAsked,
            new ProcessNote { By = by, Reason = reason },
            ProblemOfCancelling,
            cancellationToken);

    /// <summary>Replays all open instances against a build, and tells those that it could not go on with.</summary>
    public async ValueTask<ProcessCheck> Check(
        IReadOnlyList<ProcessDefinition> definitions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(definitions);
        var (open, stuck) = (0L, new List<ProcessFinding>());
        foreach (var name in await ListNames(cancellationToken).ConfigureAwait(false))
        {
            var known = definitions.Where(definition => definition.Name == name).ToList();
            var plans = known.Count == 0 ? null : new ProcessPlans(name, known);
            await foreach (var id in OpenOf(name, cancellationToken).ConfigureAwait(false))
            {
                open++;
                var instance = await ProcessStore.Load(_store, name, id, cancellationToken).ConfigureAwait(false);
                var problem = plans is null ? "The build has no process of that name."
                    : instance is null ? "Its stream is gone."
                    : plans.ProblemOf(instance, _store.Time.GetUtcNow());
                if (problem is not null)
                    stuck.Add(new ProcessFinding(name, id, instance?.Version ?? 0, problem));
            }
        }
        return new ProcessCheck(open, stuck);
    }

    private async IAsyncEnumerable<string> OpenOf(
        string process, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var state in (ProcessState[])[ProcessState.Running, ProcessState.Compensating, ProcessState.Held])
        {
            DocumentCursor? after = null;
            do
            {
                var page = await PageOf(
                        new ProcessQuery
                        {
                            Process = process,
                            State = state,
                            After = after,
                            Limit = 1_000,
                        },
                        cancellationToken)
                    .ConfigureAwait(false);
                foreach (var document in page.Documents)
                    yield return document.Key;
                after = page.Next;
            }
            while (after is not null);
        }
    }

    private async Task<ProcessInfo> Decide(
        string process, string id, string type, ProcessNote note, Func<ProcessInstance, string?> problemOf,
        CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(note.By);
        while (true)
        {
            var instance = await ProcessStore.Load(_store, process, id, cancellationToken).ConfigureAwait(false)
                ?? throw new ProcessNotFoundException(process, id);
            if (problemOf(instance) is { } problem)
                throw new ProcessRefusedException(process, id, problem);
            var request = ProcessStore.AddTo(new AppendRequest(), instance, [(type, note)], _store.Time.GetUtcNow());
            var outcome = await _store.TryAppend(request, cancellationToken).ConfigureAwait(false);
            if (outcome.Refusal is null)
                return Show(instance);
            if (outcome.Refusal is not VersionConflictException)
                throw outcome.Refusal;
            cancellationToken.ThrowIfCancellationRequested(); // It has gone on meanwhile.
        }
    }

    private static string? ProblemOfResuming(ProcessInstance instance) =>
        instance.State == ProcessState.Held ? null : $"it is {instance.State}, and only what is held is resumed.";

    private static string? ProblemOfCancelling(ProcessInstance instance) =>
        instance.HasPassed ? "it has passed the point of no return, and only goes forward."
        : instance.State == ProcessState.Running
        || (instance.State == ProcessState.Held && instance.HeldIn == ProcessState.Running)
            ? null
        : $"it is {instance.State}: there is nothing to cancel.";

    private static string? ProblemOfStep(ProcessInstance instance, string step) =>
        !instance.Outline.Contains(step) ? $"it has no part '{step}'. There are: {string.Join(", ", instance.Outline)}."
        : instance.State is ProcessState.Compensating or ProcessState.Compensated
            ? "it is undone, and goes forward no more."
        : null;

    private static ProcessInfo Show(ProcessInstance instance) =>
        new(
            instance.Process,
            instance.Id,
            instance.Version,
            instance.State,
            [.. instance.Current],
            instance.Due,
            instance.StartedAt,
            instance.ChangedAt,
            instance.Reason);

    /// <summary>What a document tells; of one that is under way in the same state, what its stream tells.</summary>
    private async ValueTask<ProcessInfo> Show(string process, Document document, CancellationToken cancellationToken)
    {
        // As it was written.
        var record = JsonSerializer.Deserialize(document.Body.Span, ProcessJson.Default.ProcessRecord)!;
        var state = Enum.Parse<ProcessState>(record.State);
        if (record.IsUnderWay
            && await Find(process, document.Key, cancellationToken).ConfigureAwait(false) is { } found
            && found.State == state)
            return found;
        return new ProcessInfo(
            process,
            document.Key,
            record.Version,
            state,
            record.Steps,
            record.Due,
            record.StartedAt,
            record.ChangedAt,
            record.Reason);
    }
}
