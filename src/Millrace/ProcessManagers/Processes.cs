using System.Text.Json;
using Millrace.Events;
using Millrace.ProcessManagers;
using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Manages the instances of the processes of a store, on all nodes. Finds instances by state, returns their history,
/// and resumes, cancels and moves them. Thread-safe.
/// </summary>
/// <remarks>
/// A user's decision is recorded in the stream of the instance. The node that runs the process carries it out.
/// </remarks>
public sealed class Processes
{
    private const string Prefix = "process-";
    private readonly EventStore _store;

    internal Processes(EventStore store) => _store = store;

    /// <summary>Returns the processes of a store, for tools that do not run processes.</summary>
    public static Processes Of(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new Processes(store);
    }

    /// <summary>Returns the names of all processes that the store knows.</summary>
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

    /// <summary>
    /// Returns a page of the instances of a process, ordered by the second of their last change, newest first.
    /// </summary>
    public async ValueTask<ProcessPage> List(ProcessQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (!(await ListNames(cancellationToken).ConfigureAwait(false)).Contains(query.Process))
            return new ProcessPage([], null);
        var page = await PageOf(query, cancellationToken).ConfigureAwait(false);
        var instances = new List<ProcessInfo>(page.Documents.Count);
        foreach (var document in page.Documents)
            instances.Add(await InfoOf(query.Process, document, cancellationToken).ConfigureAwait(false));
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

    /// <summary>Returns the number of instances of a process in a state.</summary>
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
    /// Returns the number of events of a process that were dropped or refused because they arrived before the event
    /// that starts their instance. If a node fails, the number may not include the events of its last second.
    /// </summary>
    public ValueTask<long> CountEarlyEvents(string process, CancellationToken cancellationToken = default) =>
        EarlyEventStore.Read(_store, process, cancellationToken);

    /// <summary>Reads an instance from its stream. Returns null if the instance does not exist.</summary>
    public async ValueTask<ProcessInfo?> Find(string process, string id, CancellationToken cancellationToken = default)
    {
        var instance = await ProcessStore.Load(_store, process, id, cancellationToken).ConfigureAwait(false);
        return instance is null or { IsStarted: false, BufferedEvents.IsEmpty: true } ? null : InfoOf(instance);
    }

    /// <summary>
    /// Returns the history of an instance, oldest entry first. Entries from the same event have the same version.
    /// </summary>
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
            foreach (var started in note.Beginnings())
                entries.Add(EntryOf(recorded, ProcessEvents.StepBegun, started));
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

    /// <summary>Resumes a held instance. The process repeats the failed step.</summary>
    /// <param name="process">The name of the process.</param>
    /// <param name="id">The id of the instance.</param>
    /// <param name="by">The user that makes the decision. The name is stored with the change.</param>
    /// <param name="reason">The reason, which is stored with the change.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ProcessNotFoundException">There is no such instance.</exception>
    /// <exception cref="ProcessRefusedException">The instance is not held.</exception>
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
    /// Resumes an instance from a step. The process repeats this step and all later steps, even if they were done.
    /// Earlier steps keep their state, but the process repeats them if they were compensated.
    /// </summary>
    /// <inheritdoc cref="Resume"/>
    /// <param name="step">The step from which to continue.</param>
    /// <exception cref="ProcessRefusedException">The instance is being compensated, or has no such step.</exception>
#pragma warning disable CS1573 // The other parameters are those of Resume.
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
    /// Moves an instance to a step. The process skips earlier steps that were not done, treats them as done, and does
    /// not compensate them.
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

    /// <summary>Cancels an instance. The process compensates the steps that were done, in reverse order.</summary>
    /// <inheritdoc cref="Resume"/>
    /// <exception cref="ProcessRefusedException">The instance has ended, is already being compensated, or has passed
    /// the point of no return.</exception>
    public Task<ProcessInfo> Cancel(
        string process, string id, string by, string? reason = null, CancellationToken cancellationToken = default) =>
        Decide(
            process,
            id,
            ProcessEvents.CancelRequested,
            new ProcessNote { By = by, Reason = reason },
            ProblemOfCancelling,
            cancellationToken);

    /// <summary>
    /// Cancels an instance together with the events of a command, or not at all. If the instance changes before the
    /// commit, the command is handled again.
    /// </summary>
    /// <inheritdoc cref="Resume"/>
    /// <param name="context">The context of the command.</param>
    /// <exception cref="ProcessRefusedException">The instance has ended, is already being compensated, or has passed
    /// the point of no return.</exception>
    /// <exception cref="ArgumentException">The command belongs to another store or tenant.</exception>
    /// <exception cref="CommandFinishedException">The handler of the command has already returned.</exception>
#pragma warning disable CS1573 // The other parameters are those of Resume.
    public async Task Cancel(
        string process,
        string id,
        string by,
        string? reason,
        CommandContext context,
        CancellationToken cancellationToken = default)
#pragma warning restore CS1573
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        var instance = await LoadFor(process, id, ProblemOfCancelling, cancellationToken).ConfigureAwait(false);
        var note = new ProcessNote { By = by, Reason = reason };
        var now = _store.Time.GetUtcNow();
        context.WriteLast(
            _store,
            request => ProcessStore.AddTo(request, instance, [(ProcessEvents.CancelRequested, note)], now));
    }

    /// <summary>
    /// Replays all open instances with a build, and returns the instances with which the build could not continue.
    /// </summary>
    public async ValueTask<ProcessCheck> Check(
        IReadOnlyList<ProcessDefinition> definitions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(definitions);
        var open = 0L;
        var stuck = new List<ProcessFinding>();
        foreach (var name in await ListNames(cancellationToken).ConfigureAwait(false))
        {
            var known = definitions.Where(definition => definition.Name == name).ToList();
            var plans = known.Count == 0 ? null : new ProcessPlans(name, known);
            await foreach (var id in FindOpen(name, cancellationToken).ConfigureAwait(false))
            {
                open++;
                var instance = await ProcessStore.Load(_store, name, id, cancellationToken).ConfigureAwait(false);
                var problem = plans is null ? "The build has no process of that name."
                    : instance is null ? "Its stream was deleted."
                    : plans.ProblemOf(instance, _store.Time.GetUtcNow());
                if (problem is not null)
                    stuck.Add(new ProcessFinding(name, id, instance?.Version ?? 0, problem));
            }
        }
        return new ProcessCheck(open, stuck);
    }

    private async IAsyncEnumerable<string> FindOpen(
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
            var instance = await LoadFor(process, id, problemOf, cancellationToken).ConfigureAwait(false);
            var request = ProcessStore.AddTo(new AppendRequest(), instance, [(type, note)], _store.Time.GetUtcNow());
            var outcome = await _store.TryAppend(request, cancellationToken).ConfigureAwait(false);
            if (outcome.Refusal is null)
                return InfoOf(instance);
            if (outcome.Refusal is not VersionConflictException)
                throw outcome.Refusal;
            cancellationToken.ThrowIfCancellationRequested(); // Another client changed the instance.
        }
    }

    /// <summary>Reads an instance, and throws if a decision about it is refused.</summary>
    private async ValueTask<ProcessInstance> LoadFor(
        string process, string id, Func<ProcessInstance, string?> problemOf, CancellationToken cancellationToken)
    {
        var instance = await ProcessStore.Load(_store, process, id, cancellationToken).ConfigureAwait(false)
            ?? throw new ProcessNotFoundException(process, id);
        return problemOf(instance) is { } problem
            ? throw new ProcessRefusedException(process, id, problem)
            : instance;
    }

    private static string? ProblemOfResuming(ProcessInstance instance) =>
        instance.State == ProcessState.Held ? null : $"it is {instance.State}, and only held instances can be resumed.";

    private static string? ProblemOfCancelling(ProcessInstance instance) =>
        instance.HasPassedPointOfNoReturn ? "it has passed the point of no return and cannot be compensated."
        : instance.State == ProcessState.Running
        || (instance.State == ProcessState.Held && instance.HeldIn == ProcessState.Running)
            ? null
        : $"it is {instance.State}: there is nothing to cancel.";

    private static string? ProblemOfStep(ProcessInstance instance, string step) =>
        !instance.Outline.Contains(step) ? $"it has no part '{step}'. Its parts are: "
            + $"{string.Join(", ", instance.Outline)}."
        : instance.State is ProcessState.Compensating or ProcessState.Compensated
            ? "it is being compensated and cannot continue."
        : null;

    private static ProcessInfo InfoOf(ProcessInstance instance) =>
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

    /// <summary>Returns the content of a document. For a running instance, reads the stream instead.</summary>
    private async ValueTask<ProcessInfo> InfoOf(string process, Document document, CancellationToken cancellationToken)
    {
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
